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
            Description = "A folder with fc_weight.npy, fc_bias.npy, and <set>_features.npy, <set>_logits.npy and <set>_labels.npy for train, val, val_ood (for --tune), test_id, each test_<OOD set>, and each shifted_<set> of covariate-shifted ID images; with --model also <set>_images.npy in place of features.",
            HelpName = "BANK",
        };
        var detectors = new DetectorOptions("Detectors by name, separated by commas, or all (the default): all that the bank supports.", "Banks of further networks with the same images, of which only logits and labels are read");
        var model = new ModelOptions(
            "A TorchScript model, normalised images → (logits, features), for sets with images: float32 (N,C,H,W), normalised, or uint8 (N,H,W,C) or (N,H,W), raw, which need --mean and --std or normalization.json in BANK. fc_weight.npy and fc_bias.npy may be left out then.");
        var output = new Option<string>("--out") { Description = "Folder for DETECTOR/test_SET.npy, metrics.json and report.json.", HelpName = "DIR", Required = true };
        var benchmark = new Option<string?>("--benchmark") { Description = "A benchmark file (YAML), whose near and far say which OOD sets are which; their means are reported then.", HelpName = "FILE.yml" };
        var near = new Option<string?>("--near") { Description = "Near-OOD sets by name, separated by commas; in place of --benchmark.", HelpName = "a,b" };
        var far = new Option<string?>("--far") { Description = "Far-OOD sets, likewise.", HelpName = "c,d" };
        var metrics = new MetricsOption();
        var command = new Command("score", "Fit detectors on a bank's training and validation features, score its test sets, and measure how well they tell ID from OOD.");
        Help.SetExamples(
            command,
            "sio score bank --out scores",
            "sio score bank --detectors msp,knn --set knn.k=100 --out scores",
            "sio score bank --near cifar100 --far mnist,svhn --metrics oscr,ccr_1e-2 --out scores",
            "sio score bank --tune --out scores",
            "sio score bank --ensemble bank2,bank3 --out scores",
            "sio score images --model model.pt --mean 0.4914,0.4822,0.4465 --std 0.2470,0.2435,0.2616 --out scores");
        command.Arguments.Add(bank);
        detectors.AddTo(command);
        model.AddTo(command);
        command.Options.Add(output);
        command.Options.Add(benchmark);
        command.Options.Add(near);
        command.Options.Add(far);
        metrics.AddTo(command);
        command.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            var names = detectors.WithEnsemble(detectors.Names(parsed) ?? [DetectorRoster.All], parsed);
            var options = new ScoreOptions
            {
                Detectors = names,
                Settings = detectors.Settings(parsed, names),
                Ensemble = [.. detectors.Ensemble(parsed).Select(path => new BankFolder(path))],
                Tune = detectors.Tune(parsed),
                Groups = Groups(parsed.GetValue(benchmark), DetectorOptions.Split(parsed.GetValue(near), "--near"), DetectorOptions.Split(parsed.GetValue(far), "--far")),
            };
            var shown = metrics.Get(parsed);
            using var progress = new Progress();
            var target = Path.GetFullPath(parsed.GetValue(output)!);
            var folder = new BankFolder(parsed.GetValue(bank)!);
            var (mean, std) = model.Normalization(parsed);
            var results = model.Path(parsed) is { } file
                ? WithModel(folder, file, mean, std, source => BankScorer.Score(source, target, options, progress, interruption.Token), interruption.Token)
                : BankScorer.Score(folder, target, options, progress, interruption.Token);
            progress.Dispose();
            MetricsTable.Print(results.Report, shown);
            if (options.Tune)
                TunedTable.Print(results.Report.Detectors.Where(entry => entry.Value.Tuned is not null).Select(entry => (entry.Key, entry.Value.Tuned!)));
            SkippedList.Print(results.Skipped);
            Console.WriteLine($"Metrics: {Path.GetRelativePath(Environment.CurrentDirectory, BankScorer.MetricsPath(target))}; everything else: report.json beside it");
            return ExitCodes.Success;
        });
        return command;
    }

    private static BankResults WithModel(
        BankFolder folder, string file, float[]? mean, float[]? std, Func<IBankSource, BankResults> score, CancellationToken cancellation)
    {
        using var module = ScriptFile.Load(file);
        using var progress = new Progress();
        var images = 0;
        using var bank = new ScriptBank(folder, module, mean, std)
        {
            Progress = (done, total) => progress.Evaluated(images = done, total),
            Cancellation = cancellation,
        };
        progress.Begin(Path.GetFileName(file));
        var results = score(bank);
        progress.End($"{images} images");
        return results;
    }

    private static OodGroups Groups(string? benchmark, string[]? near, string[]? far)
    {
        if (benchmark is not null)
        {
            return near is null && far is null
                ? BenchmarkFile.Read(benchmark).Groups(benchmark)
                : throw new UsageException("--benchmark says which sets are near and far: leave out --near and --far");
        }

        if (near is null && far is null)
            return OodGroups.None;
        var groups = new OodGroups(near ?? [], far ?? [], near is null ? "--far" : far is null ? "--near" : "--near and --far");
        groups.RefuseTwice();
        return groups;
    }
}
