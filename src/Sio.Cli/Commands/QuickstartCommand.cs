using System.CommandLine;
using Sio.Cli.Output;
using Sio.Engine;
using Sio.Experiments;
using Sio.Experiments.Results;

namespace Sio.Cli.Commands;

/// <summary><c>sio quickstart</c>: the main job on Fashion-MNIST.</summary>
internal static class QuickstartCommand
{
    internal static Command Create()
    {
        var runs = new Option<int>("--runs") { Description = "Seeds per arm.", HelpName = "N", DefaultValueFactory = _ => 1 };
        runs.Require<int>(count => count >= 1, "expected a number from 1");
        var output = new Option<string>("--out") { Description = "Folder for results and runs.", HelpName = "DIR", DefaultValueFactory = _ => "runs/quickstart" };
        var regenerate = new Option<bool>("--regenerate") { Description = "Make the synthetic set anew first: train its generator, some 20 minutes on two cores, and sample it. Goes on where an interrupted call stopped." };
        var generator = new Option<string?>("--generator") { Description = "With --regenerate: the generator's recipe; that of the shipped set when left out.", HelpName = "RECIPE.yml" };
        var metrics = new MetricsOption();
        var recipe = new RecipeOptions();
        var command = new Command("quickstart", "Train a classifier on six Fashion-MNIST classes twice, with real images only and with synthetic ones beside them (SIO), and compare how well both detect images of other kinds.");
        Help.SetExamples(command, 
            "sio quickstart",
            "sio quickstart --runs 3 --mnist ~/mnist",
            "sio quickstart --real-ratio 0.5 --out runs/half",
            "sio quickstart --regenerate");
        command.Options.Add(runs);
        command.Options.Add(output);
        recipe.AddTo(command);
        command.Options.Add(regenerate);
        command.Options.Add(generator);
        metrics.AddTo(command);
        command.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            var shown = metrics.Get(parsed);
            var overrides = recipe.Overrides(parsed).ToList();
            if (parsed.GetValue(regenerate))
                overrides.Add(Regenerate(parsed.GetValue(generator) ?? Regeneration.ShippedRecipe, overrides, parsed.GetValue(output)!, interruption.Token));
            else if (parsed.GetValue(generator) is not null)
                throw new UsageException("--generator goes with --regenerate");
            var quickstart = new Quickstart(parsed.GetValue(output)!, overrides, interruption.Token);
            var results = Execute(quickstart, parsed.GetValue(runs), interruption.Token);
            Console.WriteLine();
            ResultsTable.Print(results, shown);
            Console.WriteLine($"Results: {Path.GetRelativePath(Environment.CurrentDirectory, quickstart.ResultsPath)}");
            return ExitCodes.Success;
        });
        return command;
    }

    // The override that names the new set.
    private static string Regenerate(string recipe, List<string> overrides, string folder, CancellationToken cancellation)
    {
        const string key = "synthetic.path=";
        if (overrides.Any(text => text.StartsWith(key, StringComparison.Ordinal)))
            throw new UsageException("--regenerate makes the synthetic set: leave out --synthetic");
        using var progress = new Progress();
        try
        {
            var (path, isShipped) = Regeneration.Make(recipe, overrides.Where(text => text.StartsWith("data.folder=", StringComparison.Ordinal)), folder, progress, cancellation);
            progress.Dispose();
            Console.WriteLine($"Synthetic set: {Path.GetRelativePath(Environment.CurrentDirectory, path)}; {(isShipped ? "its bytes are" : "its images are not")} those of the shipped set");
            return key + RecipeOptions.Quoted(Path.GetFullPath(path));
        }
        catch (OperationCanceledException)
        {
            progress.Dispose();
            Console.WriteLine("A checkpoint of the generator is written; the same command goes on from it.");
            throw;
        }
    }

    private static ExperimentResults Execute(Quickstart quickstart, int runs, CancellationToken cancellation)
    {
        var (data, sio) = (quickstart.Arms[0].Data, quickstart.Arms[1]);
        Console.WriteLine($"ID {data.Test.Name}, {data.Train.ClassCount} classes: {data.Train.Count} training, {data.Test.Count} test, {sio.Synthetic?.Count ?? 0} synthetic images");
        Console.WriteLine($"Network {sio.Recipe.Network.Name}, {sio.Recipe.Training.Epochs} epochs, batch {sio.Recipe.Training.BatchSize}; LibTorch {TorchRuntime.Version}, {sio.Recipe.Threads} threads, {sio.Recipe.Device}");
        using var progress = new Progress();
        try
        {
            return quickstart.Execute(runs, progress, cancellation);
        }
        catch (OperationCanceledException)
        {
            progress.Dispose();
            Console.WriteLine("A checkpoint of the run under way is written; 'sio train RUN/recipe.yml --out RUN --resume' goes on from it.");
            throw;
        }
    }
}
