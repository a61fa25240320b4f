using System.CommandLine;
using Sio.Cli.Output;
using Sio.Detection;
using Sio.Evaluation.Benchmarks;
using Sio.Experiments;

namespace Sio.Cli.Commands;

/// <summary><c>sio score</c>: detectors on a bank of features, however it was made.</summary>
internal static class ScoreCommand
{
    internal static Command Create()
    {
        var bank = new Argument<string>("bank")
        {
            Description = "A folder with fc_weight.npy, fc_bias.npy, and <set>_features.npy, <set>_logits.npy and <set>_labels.npy for train, val, test_id, each test_<OOD set>, and each shifted_<set> of covariate-shifted ID images.",
            HelpName = "BANK",
        };
        var detectors = new DetectorOptions("Detectors by name, separated by commas, or all (the default): all that the bank supports.");
        var output = new Option<string>("--out") { Description = "Folder for DETECTOR/test_SET.npy, metrics.json and report.json.", HelpName = "DIR", Required = true };
        var benchmark = new Option<string?>("--benchmark") { Description = "A benchmark file (YAML), whose near and far say which OOD sets are which; their means are reported then.", HelpName = "FILE.yml" };
        var near = new Option<string?>("--near") { Description = "Near-OOD sets by name, separated by commas; in place of --benchmark.", HelpName = "a,b" };
        var far = new Option<string?>("--far") { Description = "Far-OOD sets, likewise.", HelpName = "c,d" };
        var metrics = new MetricsOption();
        var command = new Command("score", "Fit detectors on a bank's training and validation features, score its test sets, and measure how well they tell ID from OOD.");
        Help.SetExamples(command, "sio score bank --out scores", "sio score bank --detectors msp,knn --set knn.k=100 --out scores", "sio score bank --near cifar100 --far mnist,svhn --metrics oscr,ccr_1e-2 --out scores");
        command.Arguments.Add(bank);
        detectors.AddTo(command);
        command.Options.Add(output);
        command.Options.Add(benchmark);
        command.Options.Add(near);
        command.Options.Add(far);
        metrics.AddTo(command);
        command.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            var names = detectors.Names(parsed) ?? [DetectorRoster.All];
            var settings = detectors.Settings(parsed, names);
            var shown = metrics.Get(parsed);
            var groups = Groups(parsed.GetValue(benchmark), DetectorOptions.Split(parsed.GetValue(near), "--near"), DetectorOptions.Split(parsed.GetValue(far), "--far"));
            var target = Path.GetFullPath(parsed.GetValue(output)!);
            var results = BankScorer.Score(new BankFolder(parsed.GetValue(bank)!), names, settings, target, groups, interruption.Token);
            MetricsTable.Print(results.Report, shown);
            SkippedList.Print(results.Skipped);
            Console.WriteLine($"Metrics: {Path.GetRelativePath(Environment.CurrentDirectory, BankScorer.MetricsPath(target))}; everything else: report.json beside it");
            return ExitCodes.Success;
        });
        return command;
    }

    private static OodGroups? Groups(string? benchmark, string[]? near, string[]? far)
    {
        if (benchmark is not null)
        {
            return near is null && far is null
                ? BenchmarkFile.Read(benchmark).Groups(benchmark)
                : throw new UsageException("--benchmark says which sets are near and far: leave out --near and --far");
        }

        if (near is null && far is null)
            return null;
        var groups = new OodGroups(near ?? [], far ?? [], near is null ? "--far" : far is null ? "--near" : "--near and --far");
        groups.RefuseTwice();
        return groups;
    }
}
