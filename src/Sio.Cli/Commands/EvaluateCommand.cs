using System.CommandLine;
using Sio.Cli.Output;
using Sio.Data;
using Sio.Experiments;
using Sio.Experiments.Results;
using Sio.Training;

namespace Sio.Cli.Commands;

/// <summary><c>sio evaluate</c>: detectors on a trained run.</summary>
internal static class EvaluateCommand
{
    private const string Best = "best";
    private const string Last = "last";

    internal static Command Create()
    {
        var folder = new Argument<string>("run") { Description = "The folder of a trained run.", HelpName = "RUN" };
        var detectors = new DetectorOptions("Detectors by name, separated by commas, or all: all that can run; the recipe's when left out.", "Folders of further runs on the same benchmark");
        var output = new Option<string?>("--out") { Description = "Folder for scores and results.json; the run's own when left out.", HelpName = "DIR" };
        var mnist = new Option<string?>("--mnist") { Description = "Folder with MNIST's t10k IDX files, one more far-OOD set.", HelpName = "DIR" };
        var checkpoint = new Option<string?>("--checkpoint")
        {
            Description = "Which weights: last, of the end of training, or best, of the epoch with the best accuracy on the ID validation images.", HelpName = "best|last",
        };
        checkpoint.AcceptOnlyFromAmong(Best, Last);
        var metrics = new MetricsOption();
        var severity = CorruptionSeverity();
        var command = new Command("evaluate", "Measure how well detectors tell a trained run's ID test images from near- and far-OOD images.");
        Help.SetExamples(command, 
            "sio evaluate runs/mine",
            "sio evaluate runs/quickstart/sio/seed0 --detectors all --out results/sio",
            "sio evaluate runs/mine --detectors msp,knn --set knn.k=100 --mnist ~/mnist",
            "sio evaluate runs/mine --tune",
            "sio evaluate runs/mine --checkpoint best --out results/best",
            "sio evaluate runs/mine/seed0 --ensemble runs/mine/seed1,runs/mine/seed2",
            "sio evaluate runs/mine --corruption-severity 3 --metrics all");
        command.Arguments.Add(folder);
        detectors.AddTo(command);
        command.Options.Add(output);
        command.Options.Add(checkpoint);
        command.Options.Add(mnist);
        command.Options.Add(severity);
        metrics.AddTo(command);
        command.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            var names = detectors.Names(parsed);
            var source = new RunFolder(parsed.GetValue(folder)!);
            var shown = metrics.Get(parsed);
            var run = ExtractCommand.Prepare(source, parsed.GetValue(mnist), parsed.GetValue(severity), detectors.Tune(parsed), interruption.Token);
            names = detectors.WithEnsemble(names ?? [.. run.Recipe.Evaluation.Detectors], parsed);
            var settings = detectors.Settings(parsed, names);
            var target = Path.GetFullPath(parsed.GetValue(output) ?? source.Path);
            var options = new EvaluationOptions { Detectors = names, Settings = settings, Ensemble = detectors.Ensemble(parsed), Checkpoint = parsed.GetValue(checkpoint) == Best ? CheckpointChoice.Best : CheckpointChoice.Last, Output = target };
            return Evaluate(run, source, options, Path.Combine(target, "results.json"), shown, interruption.Token);
        });
        return command;
    }

    /// <summary>The option that has corrupted copies of the ID test images scored too.</summary>
    internal static Option<int?> CorruptionSeverity()
    {
        var severity = new Option<int?>("--corruption-severity")
        {
            Description = "Corrupted copies of the ID test images, of this severity, as covariate-shifted ID sets: 1 to 5, 0 for none (key data.corruption_severity).", HelpName = "N",
        };
        severity.Require<int>(value => value is >= 0 and <= Corruptions.MaxSeverity, "expected a number from 0 to 5");
        return severity;
    }

    private static int Evaluate(Run run, RunFolder source, EvaluationOptions options, string file, IReadOnlyList<ResultMetric>? metrics, CancellationToken cancellation)
    {
        using var progress = new Progress();
        progress.Begin($"{run.Recipe.Name}, seed {run.Recipe.Seed}: evaluating");
        var results = Evaluator.Single(run, Evaluator.Evaluate(run, source, options, progress, cancellation));
        progress.End("done");
        ResultsTable.Print(results, metrics);
        var measured = results.Arms[0].Runs[0];
        if (run.Recipe.Evaluation.Tune)
            TunedTable.Print(measured.Detectors.Where(entry => entry.Value.Tuned is not null).Select(entry => (entry.Key, entry.Value.Tuned!)));
        SkippedList.Print(measured.Skipped);
        Console.WriteLine($"Results: {Path.GetRelativePath(Environment.CurrentDirectory, file)}");
        return ExitCodes.Success;
    }
}
