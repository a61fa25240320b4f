using System.CommandLine;
using Sio.Cli.Output;
using Sio.Data;
using Sio.Detection;
using Sio.Experiments;
using Sio.Recipes;

namespace Sio.Cli.Commands;

/// <summary><c>sio extract</c>: the features that a trained run or a TorchScript model gives images, as a bank on disk.</summary>
internal static class ExtractCommand
{
    internal static Command Create()
    {
        var folder = new Argument<string>("run") { Description = "The folder of a trained run; with --model a recipe, whose images the model sees.", HelpName = "RUN|RECIPE.yml" };
        var sets = new Option<string?>("--sets") { Description = "Image sets, separated by commas: train, val, val_ood, id, and the benchmark's OOD and covariate-shifted ID sets by name; all when left out.", HelpName = "A,B" };
        var output = new Option<string>("--out") { Description = "Folder of the bank.", HelpName = "BANK", Required = true };
        var mnist = new Option<string?>("--mnist") { Description = "Folder with MNIST's t10k IDX files, one more OOD set.", HelpName = "DIR" };
        var model = new ModelOptions(
            "A TorchScript model, normalised images → (logits, features), in place of a trained run. The images and, unless --mean and --std are given, their normalisation are the recipe's.");
        var images = new Option<bool>("--images") { Description = "Write the images too (SET_images.npy, uint8), and their normalisation, so that 'sio score --model' can look at gradients." };
        var severity = EvaluateCommand.CorruptionSeverity();
        var command = new Command("extract", "Write features, logits and labels of a trained run as .npy files, for 'sio score' or other programs.");
        Help.SetExamples(
            command,
            "sio extract runs/mine --out bank",
            "sio extract runs/mine --sets train,val,id,blobs --out bank",
            "sio extract recipes/quickstart-baseline.yml --model model.pt --images --out bank");
        command.Arguments.Add(folder);
        command.Options.Add(sets);
        command.Options.Add(output);
        command.Options.Add(mnist);
        model.AddTo(command);
        command.Options.Add(images);
        command.Options.Add(severity);
        command.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            var names = DetectorOptions.Split(parsed.GetValue(sets), "--sets");
            var place = parsed.GetValue(folder)!;
            var normalization = model.Both(parsed);
            var file = model.Path(parsed);
            if (file is null && File.Exists(place))
                throw new UsageException($"{place} is a file: expected the folder of a trained run, or --model with a TorchScript model that is to see this recipe's images");
            using var module = file is null ? null : ScriptFile.Load(file);
            var source = new RunFolder(place);
            var run = module is not null && !Directory.Exists(place) ? Prepare(place, parsed.GetValue(mnist), parsed.GetValue(severity), cancellation: interruption.Token) : Prepare(source, parsed.GetValue(mnist), parsed.GetValue(severity), cancellation: interruption.Token);
            var target = Path.GetFullPath(parsed.GetValue(output)!);
            using var progress = new Progress();
            progress.Begin(file is null ? $"{run.Recipe.Name}, seed {run.Recipe.Seed}: extracting" : $"{Path.GetFileName(file)}: extracting");
            var withImages = parsed.GetValue(images);
            var written = module is null
                ? BankExtractor.Extract(run, source, names, target, withImages, progress, interruption.Token)
                : BankExtractor.Extract(run, module, normalization, names, target, withImages, progress, interruption.Token);
            progress.End(string.Join(", ", written.Select(entry => $"{entry.Set} ({entry.Count})")));
            Console.WriteLine($"Bank: {Path.GetRelativePath(Environment.CurrentDirectory, target)}");
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>A run as its folder has it, with one more OOD set where MNIST is named, corrupted ID test images where a severity is, and tuned where that is asked for.</summary>
    internal static Run Prepare(RunFolder source, string? mnist, int? severity = null, bool tune = false, CancellationToken cancellation = default)
    {
        if (!File.Exists(source.RecipePath))
            throw new DataException($"{source.Path} is no run: {source.RecipePath} is missing");
        return Prepare(source.RecipePath, mnist, severity, tune, cancellation);
    }

    private static Run Prepare(string file, string? mnist, int? severity, bool tune = false, CancellationToken cancellation = default)
    {
        var recipe = RecipeReader.Read<Recipe>(file);
        if (mnist is not null)
            recipe = recipe with { Data = recipe.Data with { Mnist = mnist } };
        if (severity is { } chosen)
            recipe = recipe with { Data = recipe.Data with { CorruptionSeverity = chosen } };
        if (tune)
            recipe = recipe with { Evaluation = recipe.Evaluation with { Tune = true } };
        return Run.Prepare(recipe, cancellation: cancellation);
    }
}
