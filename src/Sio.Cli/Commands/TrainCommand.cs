using System.CommandLine;
using System.Globalization;
using Sio.Cli.Output;
using Sio.Data;
using Sio.Experiments;
using Sio.Recipes;

namespace Sio.Cli.Commands;

/// <summary><c>sio train</c>: one run from a recipe.</summary>
internal static class TrainCommand
{
    internal static Command Create()
    {
        var file = new Argument<string>("recipe") { Description = "The recipe: a YAML file, such as those in recipes/.", HelpName = "RECIPE.yml" };
        var output = new Option<string?>("--out") { Description = "Folder of the run; runs/<name>/seed<seed> when left out.", HelpName = "RUN" };
        var resume = new Option<bool>("--resume") { Description = "Go on from the run's last checkpoint; start if there is none." };
        var overwrite = new Option<bool>("--overwrite") { Description = "Start anew where a run has been." };
        var recipe = new RecipeOptions();
        var command = new Command("train", "Train a classifier from a recipe. Ctrl-C writes a checkpoint; --resume goes on from it, and ends, on a CPU, with the very weights of a run that was not interrupted.");
        Help.SetExamples(command, 
            "sio train recipes/quickstart-sio.yml --out runs/mine",
            "sio train recipes/quickstart-baseline.yml --synthetic my-images.npz --real-ratio 0.8 --seed 1",
            "sio train recipes/quickstart-sio.yml --set training.epochs=20 --set network.name=lenet",
            "sio train recipes/quickstart-sio.yml --out runs/mine --resume");
        command.Arguments.Add(file);
        recipe.AddTo(command);
        command.Options.Add(output);
        command.Options.Add(resume);
        command.Options.Add(overwrite);
        command.SetAction(parsed =>
        {
            var (goOn, anew) = (parsed.GetValue(resume), parsed.GetValue(overwrite));
            if (goOn && anew)
                throw new UsageException("--resume and --overwrite contradict each other");
            using var interruption = new Interruption();
            var run = Run.Prepare(RecipeReader.Read<Recipe>(parsed.GetValue(file)!, recipe.Overrides(parsed)), cancellation: interruption.Token);
            var folder = new RunFolder(parsed.GetValue(output) ?? DefaultFolder(run.Recipe));
            if (folder.HasRun && !goOn && !anew)
                throw new DataException($"{folder.Path} has a run already: --resume goes on with it, --overwrite starts anew, or choose another --out");
            return Train(run, folder, goOn, interruption.Token);
        });
        return command;
    }

    private static string DefaultFolder(Recipe recipe) =>
        Path.Combine("runs", recipe.Name, string.Create(CultureInfo.InvariantCulture, $"seed{recipe.Seed}"));

    private static int Train(Run run, RunFolder folder, bool resume, CancellationToken cancellation)
    {
        var place = Path.GetRelativePath(Environment.CurrentDirectory, folder.Path);
        Console.WriteLine($"{run.Data.Train}; {(run.Synthetic is { } synthetic ? synthetic.ToString() : "no synthetic images")}");
        using var progress = new Progress();
        progress.Begin($"{run.Recipe.Name}, seed {run.Recipe.Seed}");
        try
        {
            var seconds = run.Train(folder, resume, progress, cancellation);
            progress.End(string.Create(CultureInfo.InvariantCulture, $"trained in {seconds:F0} s"));
        }
        catch (OperationCanceledException)
        {
            progress.End($"a checkpoint is written; go on with: sio train {Path.Combine(place, "recipe.yml")} --out {place} --resume");
            throw;
        }

        Console.WriteLine($"Run: {place}; evaluate it with: sio evaluate {place}");
        return ExitCodes.Success;
    }
}
