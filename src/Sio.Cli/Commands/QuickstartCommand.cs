using System.CommandLine;
using Sio.Cli.Output;
using Sio.Experiments;
using Sio.Experiments.Results;
using Sio.Torch;

namespace Sio.Cli.Commands;

/// <summary><c>sio quickstart</c>: the main job on Fashion-MNIST.</summary>
internal static class QuickstartCommand
{
    internal static Command Create()
    {
        var runs = new Option<int>("--runs") { Description = "Seeds per arm.", HelpName = "N", DefaultValueFactory = _ => 1 };
        runs.Require<int>(count => count >= 1, "expected a number from 1");
        var output = new Option<string>("--out") { Description = "Folder for results and runs.", HelpName = "DIR", DefaultValueFactory = _ => "runs/quickstart" };
        var metrics = new MetricsOption();
        var recipe = new RecipeOptions();
        var command = new Command("quickstart", "Train a classifier on six Fashion-MNIST classes twice, with real images only and with synthetic ones beside them (SIO), and compare how well both detect images of other kinds.");
        Help.SetExamples(command, 
            "sio quickstart",
            "sio quickstart --runs 3 --mnist ~/mnist",
            "sio quickstart --real-ratio 0.5 --out runs/half");
        command.Options.Add(runs);
        command.Options.Add(output);
        recipe.AddTo(command);
        metrics.AddTo(command);
        command.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            var shown = metrics.Get(parsed);
            var quickstart = new Quickstart(parsed.GetValue(output)!, recipe.Overrides(parsed));
            var results = Execute(quickstart, parsed.GetValue(runs), interruption.Token);
            Console.WriteLine();
            ResultsTable.Print(results, shown);
            Console.WriteLine($"Results: {Path.GetRelativePath(Environment.CurrentDirectory, quickstart.ResultsPath)}");
            return ExitCodes.Success;
        });
        return command;
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
