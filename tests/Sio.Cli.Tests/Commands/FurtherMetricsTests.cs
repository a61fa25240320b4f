using System.Text.Json;
using Sio.Data;
using Sio.Evaluation;
using Sio.Experiments.Results;

namespace Sio.Cli.Tests.Commands;

/// <summary>Open-set, calibration and full-spectrum figures, benchmark files and groups, from the command line.</summary>
public sealed class FurtherMetricsTests : IDisposable
{
    private static readonly string[] s_shifted = ["gaussian_noise", "gaussian_blur", "contrast", "brightness"];

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_is_evaluated_on_corrupted_images_and_so_is_its_bank()
    {
        Succeeded("train", _folder.Recipe, "--set", "training.epochs=1", "--out", _folder.At("run"));

        var plain = Succeeded("evaluate", _folder.At("run"));
        Assert.DoesNotContain("Full spectrum", plain, StringComparison.Ordinal);
        Assert.DoesNotContain("OSCR", plain, StringComparison.Ordinal);
        var run = ResultsFile.Read(_folder.At("run/results.json")).Arms[0].Runs[0];
        Assert.Null(run.ShiftedId);
        Assert.NotNull(run.Calibration);
        Assert.NotNull(run.Detectors["msp"].Near!.Oscr);

        var output = Succeeded("evaluate", _folder.At("run"), "--corruption-severity", "3", "--metrics", "all");
        foreach (var metric in ResultMetric.All)
            Assert.Contains((metric.IsPerSet ? "Far " : "") + metric.Title, output, StringComparison.Ordinal);
        Assert.Contains("adaptive ECE", output, StringComparison.Ordinal);
        Assert.Contains("Full spectrum, ID = fashion_mnist_6 + gaussian_noise", output, StringComparison.Ordinal);
        Assert.Contains("brightness ", output, StringComparison.Ordinal);
        var results = ResultsFile.Read(_folder.At("run/results.json"));
        Assert.Equal(s_shifted, results.ShiftedId);
        run = results.Arms[0].Runs[0];
        Assert.Equal(s_shifted, run.ShiftedId!.Keys);

        // The figures are those of the scores beside them.
        var id = Npz.Read(_folder.At("run/scores/msp/fashion_mnist_6.npz"));
        bool[] correct = [.. id["pred"].ToInt64s().Zip(id["gt"].ToInt64s(), (predicted, label) => predicted == label)];
        var near = Npz.Read(_folder.At("run/scores/msp/fashion_mnist_4.npz"))["conf"].ToDoubles();
        Assert.Equal(OpenSetClassificationRate.Compute(id["conf"].ToDoubles(), correct, near), run.Detectors["msp"].Near!.Oscr!.Value, 1e-10);
        double[][] shifted = [.. s_shifted.Select(set => Npz.Read(_folder.At($"run/scores/msp/{set}.npz"))["conf"].ToDoubles())];
        var full = FullSpectrum.Merge(new ScoredSets(id["conf"].ToDoubles(), [near]), shifted);
        Assert.Equal(full.MeanMetrics().Auroc, run.Detectors["msp"].FullSpectrum!.Near!.Auroc, 1e-10);
        Assert.Equal(5 * id["conf"].Length, full.Id.Length);

        // The bank has the same images.
        Succeeded("extract", _folder.At("run"), "--corruption-severity", "3", "--sets", "train,id,fashion_mnist_4,blobs,contrast", "--out", _folder.At("bank"));
        Assert.True(File.Exists(_folder.At("bank/shifted_contrast_labels.npy")));
        Assert.Equal(id["gt"].ToInt64s(), Npy.Read(_folder.At("bank/shifted_contrast_labels.npy")).ToInt64s());
        var scored = Succeeded("score", _folder.At("bank"), "--detectors", "msp,knn", "--near", "fashion_mnist_4", "--metrics", "fpr95,ccr_1e-2,eaurc", "--out", _folder.At("scores"));
        foreach (var expected in new[] { "Near-OOD: fashion_mnist_4. Far-OOD: none.", "blobs", "CCR@1e-2 ↑", "E-AURC ↓", "Full spectrum, ID = id + contrast:", "contrast " })
            Assert.Contains(expected, scored, StringComparison.Ordinal);
        Assert.DoesNotContain("AUROC", scored, StringComparison.Ordinal);
        using var report = JsonDocument.Parse(File.ReadAllText(_folder.At("scores/report.json")));
        Assert.Equal(run.ShiftedId["contrast"].Accuracy!.Value, report.RootElement.GetProperty("shifted_id").GetProperty("contrast").GetProperty("accuracy").GetDouble(), 1e-9);
        Assert.Equal(run.Calibration!.Nll, report.RootElement.GetProperty("calibration").GetProperty("nll").GetDouble(), 1e-5);
        var msp = report.RootElement.GetProperty("detectors").GetProperty("msp");
        Assert.Equal(msp.GetProperty("sets").GetProperty("fashion_mnist_4").GetRawText().Replace(" ", "", StringComparison.Ordinal), msp.GetProperty("near").GetRawText().Replace(" ", "", StringComparison.Ordinal));
        Assert.False(msp.TryGetProperty("far", out _));
        Assert.True(msp.GetProperty("full_spectrum").TryGetProperty("aurc", out _));
        Assert.True(File.Exists(_folder.At("scores/msp/shifted_contrast.npy")));
    }

    [Fact]
    public void A_benchmark_file_goes_all_the_way()
    {
        Directory.CreateDirectory(_folder.At("bench"));
        foreach (var (set, (name, count)) in new[] { ("train", 60), ("test", 15), ("near_a", 9), ("near_b", 12), ("far_a", 9), ("rain", 6) }.Index())
            TestFolder.WriteSynthetic(_folder.At($"bench/{name}.npz"), [.. Enumerable.Range(0, count).Select(i => (long)(i % 3))], seed: 10 + set);
        File.WriteAllText(_folder.At("bench/mine.yml"), "train: train.npz\ntest: test.npz\nnear: {a: near_a.npz, b: near_b.npz}\nfar: {c: far_a.npz}\nshifted_id: {rain: rain.npz}\n");
        File.WriteAllText(_folder.At("mine.yml"), "benchmark: bench/mine.yml\nnetwork: {name: lenet}\nthreads: 1\ntraining: {epochs: 1, batch_size: 16}\nevaluation: {detectors: [msp]}\n");

        Assert.Equal((0, ""), Ended(SioProcess.RunIn(_folder.Root, "train", "mine.yml", "--out", "run")));
        Assert.Contains("Full spectrum, ID = test + rain:", Succeeded("evaluate", _folder.At("run")), StringComparison.Ordinal);
        var results = ResultsFile.Read(_folder.At("run/results.json"));
        Assert.Equal("mine", results.Benchmark);
        Assert.Equal(["a", "b"], results.Near);
        Assert.Equal(["c"], results.Far);

        Succeeded("extract", _folder.At("run"), "--out", _folder.At("bank"));
        var output = Succeeded("score", _folder.At("bank"), "--detectors", "msp", "--benchmark", _folder.At("bench/mine.yml"), "--out", _folder.At("scores"));
        Assert.Contains("near (mean)", output, StringComparison.Ordinal);
        using var report = JsonDocument.Parse(File.ReadAllText(_folder.At("scores/report.json")));
        var near = report.RootElement.GetProperty("detectors").GetProperty("msp").GetProperty("near").GetProperty("auroc").GetDouble();
        Assert.Equal(results.Arms[0].Runs[0].Detectors["msp"].Near!.Auroc, near, 1e-9);

        // A mean over some of the sets would look like one over all.
        foreach (var file in Directory.GetFiles(_folder.At("bank"), "test_b_*.npy"))
            File.Delete(file);
        Refused(1, ["score", _folder.At("bank"), "--benchmark", _folder.At("bench/mine.yml"), "--out", _folder.At("scores")], "no OOD set 'b'", "there are: a, c");
        Refused(1, ["score", _folder.At("bank"), "--near", "a", "--far", "a", "--out", _folder.At("scores")], "'a' is named twice");
        Refused(2, ["score", _folder.At("bank"), "--benchmark", _folder.At("bench/mine.yml"), "--far", "c", "--out", _folder.At("scores")], "--far");
        File.AppendAllText(_folder.At("bench/mine.yml"), "faar: {d: far_a.npz}\n");
        Refused(1, ["score", _folder.At("bank"), "--benchmark", _folder.At("bench/mine.yml"), "--out", _folder.At("scores")], "mine.yml:6", "did you mean 'far'");
        Refused(1, ["score", _folder.At("bank"), "--benchmark", _folder.At("none.yml"), "--out", _folder.At("scores")], "none.yml: not found");
    }

    [Fact]
    public void Shifted_sets_of_a_bank_are_checked_as_ID_sets()
    {
        var bank = new SmallBank(_folder.At("small"));
        foreach (var part in new[] { "features", "logits", "labels" })
            File.Copy(bank.At($"val_{part}.npy"), bank.At($"shifted_fog_{part}.npy"));
        Succeeded("score", bank.Folder, "--detectors", "msp", "--out", _folder.At("scores"));
        Npy.Write<long>(bank.At("shifted_fog_labels.npy"), [.. Enumerable.Repeat(-1L, 60)], 60);
        Refused(1, ["score", bank.Folder, "--out", _folder.At("scores")], "shifted_fog_labels.npy", "label -1");
        File.Delete(bank.At("shifted_fog_labels.npy"));
        Refused(1, ["score", bank.Folder, "--out", _folder.At("scores")], "shifted_fog_labels.npy");
        Refused(1, ["score", bank.Folder, "--metrics", "oscar", "--out", _folder.At("scores")], "no metric 'oscar'", "oscr");
        Refused(2, ["score", bank.Folder, "--metrics", ",", "--out", _folder.At("scores")], "--metrics");
        Refused(2, ["evaluate", _folder.At("run"), "--corruption-severity", "6"], "0 to 5");
    }

    private static string Succeeded(params string[] arguments)
    {
        var outcome = SioProcess.Run(arguments);
        Assert.Equal((0, ""), Ended(outcome));
        Assert.All(outcome.Output.Split('\n'), line => Assert.True(line.Length <= 80 || line.Contains("extracting", StringComparison.Ordinal) || line.Contains(Path.DirectorySeparatorChar), line));
        return outcome.Output;
    }

    private static (int, string) Ended(Outcome outcome) => (outcome.ExitCode, outcome.Errors);

    private static void Refused(int exitCode, string[] arguments, params string[] parts)
    {
        var outcome = SioProcess.Run(arguments);
        Assert.True(outcome.ExitCode == exitCode, $"exit code {outcome.ExitCode}: {outcome.Errors}{outcome.Output}");
        foreach (var part in parts)
            Assert.Contains(part, outcome.Errors, StringComparison.Ordinal);
    }
}
