using System.CommandLine;
using System.Globalization;
using Sio.Cli.Output;
using Sio.Data;
using Sio.Evaluation.Benchmarks;
using Sio.Experiments;
using Sio.Generation;
using Sio.Recipes;

namespace Sio.Cli.Commands;

/// <summary><c>sio generate train</c>: a generator from a recipe, a benchmark's training images, or a set of one's own.</summary>
internal static class GenerateTrainCommand
{
    internal static Command Create()
    {
        var source = new Argument<string>("dataset")
        {
            Description = $"A generator's recipe (.yml); or a benchmark, whose ID training images are learnt ({string.Join(", ", BenchmarkCatalog.Names.Where(name => name != GeneratorRun.Files))}); "
                + "or an .npz or a folder with images.npy and labels.npy.",
            HelpName = "DATASET",
        };
        var model = new Option<string?>("--model") { Description = $"The family of generators: {string.Join(", ", Catalog<GeneratorModel>.Names)} (key model).", HelpName = "NAME" };
        var output = new Option<string?>("--out") { Description = "Folder of the run; runs/<name>/seed<seed> when left out.", HelpName = "DIR" };
        var seed = new Option<int?>("--seed") { Description = "Seed of the run (key seed).", HelpName = "N" };
        var set = new Option<string[]>("--set") { Description = "Override a recipe key, e.g. --set training.steps=2000 --set gan.latent=32.", HelpName = "key=value" };
        var resume = new Option<bool>("--resume") { Description = "Go on from the run's last checkpoint; start if there is none." };
        var overwrite = new Option<bool>("--overwrite") { Description = "Start anew where a run has been." };
        seed.Require<int>(value => value >= 0, "expected a number from 0");
        set.Validators.Add(result =>
        {
            foreach (var text in result.Tokens.Select(token => token.Value).Where(text => text.IndexOf('=', StringComparison.Ordinal) < 1))
                result.AddError($"--set '{text}': expected key=value");
        });
        var command = new Command("train", "Train a generator of synthetic images. Ctrl-C writes a checkpoint; --resume goes on from it, and ends, on a CPU, with the very weights of a run that was not interrupted.");
        Help.SetExamples(
            command,
            "sio generate train recipes/generators/gan-fashion-mnist.yml --out runs/gan",
            "sio generate train fashion_mnist_6_4 --model gan --set training.steps=2000 --seed 1",
            "sio generate train my-images.npz --model gan --out runs/mine --resume");
        command.Arguments.Add(source);
        foreach (var option in new Option[] { model, output, seed, set, resume, overwrite })
            command.Options.Add(option);
        command.SetAction(parsed =>
        {
            var (goOn, anew) = (parsed.GetValue(resume), parsed.GetValue(overwrite));
            if (goOn && anew)
                throw new UsageException("--resume and --overwrite contradict each other");
            using var interruption = new Interruption();
            var run = GeneratorRun.Prepare(Recipe(parsed.GetValue(source)!, [.. Overrides(parsed.GetValue(model), parsed.GetValue(seed)), .. parsed.GetValue(set) ?? []]), interruption.Token);
            var folder = new GeneratorFolder(parsed.GetValue(output) ?? DefaultFolder(run.Recipe));
            if (folder.HasRun && !goOn && !anew)
                throw new DataException($"{folder.Path} has a run already: --resume goes on with it, --overwrite starts anew, or choose another --out");
            return Train(run, folder, goOn, interruption.Token);
        });
        return command;
    }

    private static IEnumerable<string> Overrides(string? model, int? seed)
    {
        if (model is not null)
            yield return $"model={model}";
        if (seed is { } number)
            yield return string.Create(CultureInfo.InvariantCulture, $"seed={number}");
    }

    private static GeneratorRecipe Recipe(string source, string[] overrides)
    {
        if (source.EndsWith(".yml", StringComparison.OrdinalIgnoreCase) || source.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase))
            return RecipeReader.Read<GeneratorRecipe>(source, overrides);
        var given = RecipeReader.Parse<GeneratorRecipe>(string.Empty, overrides);
        if (BenchmarkCatalog.Names.Contains(source) && source != GeneratorRun.Files)
            return given with { Benchmark = source, Name = $"{given.Model}-{source}" };
        if (!File.Exists(source) && !Directory.Exists(source))
            throw new DataException($"{source}: no recipe (.yml), no benchmark ({string.Join(", ", BenchmarkCatalog.Names)}), and no file or folder of images");
        var name = Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(source));
        return given with { Benchmark = GeneratorRun.Files, Name = $"{given.Model}-{name}", Data = given.Data with { Train = source } };
    }

    private static string DefaultFolder(GeneratorRecipe recipe) =>
        Path.Combine("runs", recipe.Name, string.Create(CultureInfo.InvariantCulture, $"seed{recipe.Seed}"));

    private static int Train(GeneratorRun run, GeneratorFolder folder, bool resume, CancellationToken cancellation)
    {
        var place = Path.GetRelativePath(Environment.CurrentDirectory, folder.Path);
        Console.WriteLine($"{run.Images}; {run.Recipe.Model}");
        using var progress = new Progress();
        progress.Begin($"{run.Recipe.Name}, seed {run.Recipe.Seed}");
        try
        {
            var seconds = run.Train(folder, resume, progress, cancellation);
            progress.End(string.Create(CultureInfo.InvariantCulture, $"trained in {seconds:F0} s"));
        }
        catch (OperationCanceledException)
        {
            progress.End($"a checkpoint is written; go on with: sio generate train {Path.Combine(place, "recipe.yml")} --out {place} --resume");
            throw;
        }

        Console.WriteLine($"Run: {place}; sample it with: sio generate sample {place} --per-class 100 --out SET.npz");
        return ExitCodes.Success;
    }
}
