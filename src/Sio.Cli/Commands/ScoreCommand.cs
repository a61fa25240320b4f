using System.CommandLine;
using Sio.Cli.Output;
using Sio.Detection;
using Sio.Experiments;

namespace Sio.Cli.Commands;

/// <summary><c>sio score</c>: detectors on a bank of features, however it was made.</summary>
internal static class ScoreCommand
{
    internal static Command Create()
    {
        var bank = new Argument<string>("bank")
        {
            Description = "A folder with fc_weight.npy, fc_bias.npy, and <set>_features.npy, <set>_logits.npy and <set>_labels.npy for train, val, test_id and each test_<OOD set>.",
            HelpName = "BANK",
        };
        var detectors = new DetectorOptions("Detectors by name, separated by commas, or all (the default): all that the bank supports.", "Banks of further networks with the same images, of which only logits and labels are read");
        var output = new Option<string>("--out") { Description = "Folder for DETECTOR/test_SET.npy and metrics.json.", HelpName = "DIR", Required = true };
        var command = new Command("score", "Fit detectors on a bank's training and validation features, score its test sets, and measure how well they tell ID from OOD.");
        Help.SetExamples(command, "sio score bank --out scores", "sio score bank --detectors msp,knn --set knn.k=100 --out scores", "sio score bank --ensemble bank2,bank3 --out scores");
        command.Arguments.Add(bank);
        detectors.AddTo(command);
        command.Options.Add(output);
        command.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            var names = detectors.WithEnsemble(detectors.Names(parsed) ?? [DetectorRoster.All], parsed);
            BankFolder[] ensemble = [.. detectors.Ensemble(parsed).Select(path => new BankFolder(path))];
            var settings = detectors.Settings(parsed, names);
            var target = Path.GetFullPath(parsed.GetValue(output)!);
            var results = BankScorer.Score(new BankFolder(parsed.GetValue(bank)!), names, settings, target, ensemble, interruption.Token);
            MetricsTable.Print(results.Metrics);
            SkippedList.Print(results.Skipped);
            Console.WriteLine($"Metrics: {Path.GetRelativePath(Environment.CurrentDirectory, BankScorer.MetricsPath(target))}");
            return ExitCodes.Success;
        });
        return command;
    }
}
