using Sio.Engine;
using System.Text.Json;
using Sio.Data;
using Sio.Detection;
using Sio.Evaluation;
using Sio.Evaluation.Benchmarks;
using Sio.Experiments;
using Sio.Experiments.Results;
using Sio.Tests.Evaluation;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Experiments;

/// <summary>From logits, labels and scores to every figure of a run: a worked example, and the reference cases.</summary>
public sealed class MeasurementTests
{
    private static readonly OodGroups s_groups = new(["cats", "dogs"], ["noise"], "test");

    public static TheoryData<string> Names => MetricsReference.Names;

    [Fact]
    public void Every_figure_of_a_worked_example()
    {
        using var id = Bank("id", [true, true, false, true]);
        using var shifted = Bank("rain", [true, false]);
        using var ood = Bank("ood", []);
        var measurement = new Measurement([id, ood, ood, ood, shifted], ["cats", "dogs", "noise"], ["rain"], s_groups);

        var results = measurement.Measure([[4, 3, 2, 1], [2.5f, 0.5f], [0, 0], [0], [5, 0.25f]]);

        Assert.Equal((75, 50), (measurement.Accuracy, measurement.ShiftedId!["rain"].Accuracy));
        var cats = results.Sets["cats"];
        Assert.Equal(75, cats.Auroc, 1e-12);
        // Of the OOD scores the largest may pass: 4 and 3 are above it, and right.
        Assert.Equal([50, 50, 50, 50], new[] { cats.Ccr1, cats.Ccr2, cats.Ccr3, cats.Ccr4 }.OfType<double>());
        // Of eight pairs the right images 4, 3 and 1 win 2, 2 and 1.
        Assert.Equal(100 * 5 / 8.0, cats.Oscr!.Value, 1e-12);
        // Between 0.5 and 4, the means 1.5 and 2.5 lie 1 / 3.5 apart.
        Assert.Equal(50 * (1 - (1 / 3.5)), cats.Autc!.Value, 1e-12);
        Assert.Equal((cats.Oscr.Value + 75) / 2, results.Near!.Oscr!.Value, 1e-12);
        Assert.Equal(75, results.Far!.Oscr!.Value, 1e-12);
        // In the order 4, 3, 2, 1 the third is wrong; the best order has it last.
        Assert.Equal(100 * ((1 / 3.0) + 0.25) / 4, results.Aurc!.Value, 1e-12);
        Assert.Equal(100 * (1 / 3.0) / 4, results.Eaurc!.Value, 1e-12);

        // The shifted images count as ID: 5, right, and 0.25, wrong.
        var full = results.FullSpectrum!;
        Assert.Equal(100 * 8 / 12.0, full.Sets["cats"].Auroc, 1e-12);
        Assert.Equal(100 * 7 / 12.0, full.Sets["cats"].Oscr!.Value, 1e-12);
        Assert.Equal(50, full.Sets["cats"].Ccr1!.Value, 1e-12);
        Assert.Equal(100 * (0.25 + 0.2 + (2 / 6.0)) / 6, full.Aurc!.Value, 1e-12);
        Assert.Equal((full.Sets["cats"].Auroc + 100) / 2, full.Near!.Auroc, 1e-12);
        Assert.Null(full.FullSpectrum);
    }

    [Fact]
    public void Without_shifted_sets_there_is_no_full_spectrum()
    {
        using var id = Bank("id", [true, false]);
        using var ood = Bank("ood", []);
        var measurement = new Measurement([id, ood], ["cats"], [], OodGroups.None);

        var results = measurement.Measure([[1, 2], [float.NegativeInfinity]]);

        Assert.Null(measurement.ShiftedId);
        Assert.Null(results.FullSpectrum);
        Assert.Null(results.Near);
        // No scale has room for an infinite score; everything else is a matter of order.
        Assert.Null(results.Sets["cats"].Autc);
        Assert.Equal(50, results.Sets["cats"].Oscr);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_reference_case_has_its_values(string name)
    {
        var reference = MetricsReference.Cases[name];

        var metrics = SetMetrics.Compute(reference.Id, reference.IdCorrect, reference.Ood);

        foreach (var (key, value) in reference.OpenOod10.Where(entry => entry.Key.StartsWith("ccr", StringComparison.Ordinal)))
            Assert.Equal(100 * value, ResultMetric.Of(key).Value(metrics)!.Value, 1e-12);
        Assert.Equal(100 * reference.Exact["auroc"], metrics.Auroc, 1e-9);
        Assert.Equal(100 * reference.Exact["fpr_at_tpr95_ood_positive"], metrics.Fpr95Ood!.Value, 1e-9);
        Assert.InRange(metrics.Oscr!.Value, 0, metrics.Auroc + 1e-9);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1 << 20)]
    public void Calibration_is_that_of_the_logits_in_pieces_of_any_size(long piece)
    {
        var random = RandomStream.For(2, "test");
        float[] logits = [.. Enumerable.Range(0, 50 * 4).Select(_ => (float)(3 * random.NextGaussian()))];
        int[] labels = [.. Enumerable.Range(0, 50).Select(_ => random.NextInt(4))];
        var before = TensorCount.Settled();
        using (var bank = new FeatureBank("id", torch.zeros([50, 2]), torch.tensor(logits, [50, 4]), labels))
        {
            var expected = SoftmaxPredictions.FromLogits(logits, labels);

            var calibration = CalibrationResults.Of(bank, piece);

            Assert.Equal(CalibrationError.Expected(expected.Confidences, expected.Correct), calibration.Ece);
            Assert.Equal(CalibrationError.Adaptive(expected.Confidences, expected.Correct), calibration.AdaptiveEce);
            Assert.Equal(expected.NegativeLogLikelihood, calibration.Nll, 1e-12);
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void The_file_has_every_figure_under_its_name_and_reads_back()
    {
        using var id = Bank("id", [true, true, false, true]);
        using var shifted = Bank("rain", [true, false]);
        using var ood = Bank("ood", []);
        var measurement = new Measurement([id, ood, shifted], ["cats"], ["rain"], new OodGroups(["cats"], [], "test"));
        var run = new RunResults
        {
            Seed = 0,
            Accuracy = measurement.Accuracy!.Value,
            TrainSeconds = 1,
            Detectors = new Dictionary<string, DetectorResults> { ["msp"] = measurement.Measure([[4, 3, 2, 1], [2.5f], [5, 0.25f]]) },
            Calibration = measurement.Calibration,
            ShiftedId = measurement.ShiftedId,
        };
        var results = new ExperimentResults
        {
            Benchmark = "b", Id = "id", Near = ["cats"], Far = [], ShiftedId = ["rain"], Arms = [new ArmResults { Name = "a", RealRatio = 1, Runs = [run] }],
        };

        var text = ResultsFile.ToJson(results);

        using var json = JsonDocument.Parse(text);
        Assert.Equal("rain", json.RootElement.GetProperty("shifted_id")[0].GetString());
        var written = json.RootElement.GetProperty("arms")[0].GetProperty("runs")[0];
        Assert.Equal(["ece", "adaptive_ece", "nll"], written.GetProperty("calibration").EnumerateObject().Select(p => p.Name));
        Assert.Equal(50, written.GetProperty("shifted_id").GetProperty("rain").GetProperty("accuracy").GetDouble());
        var detector = written.GetProperty("detectors").GetProperty("msp");
        Assert.Equal(["near", "sets", "aurc", "eaurc", "full_spectrum"], detector.EnumerateObject().Select(p => p.Name));
        Assert.Equal(["near", "sets", "aurc", "eaurc"], detector.GetProperty("full_spectrum").EnumerateObject().Select(p => p.Name));
        Assert.Equal(
            ["auroc", "aupr_in", "aupr_out", "fpr95", "fpr95_ood", "ccr_1e-1", "ccr_1e-2", "ccr_1e-3", "ccr_1e-4", "oscr", "autc"],
            detector.GetProperty("sets").GetProperty("cats").EnumerateObject().Select(p => p.Name));
        var path = Path.GetTempFileName();
        ResultsFile.Write(path, results);
        Assert.Equal(text, ResultsFile.ToJson(ResultsFile.Read(path)));
        File.Delete(path);
        Assert.Throws<InvalidDataException>(() => ResultsFile.ToJson(With(measurement.Calibration! with { Nll = double.NaN })));

        ExperimentResults With(CalibrationResults calibration) =>
            results with { Arms = [results.Arms[0] with { Runs = [run with { Calibration = calibration }] }] };
    }

    [Fact]
    public void A_mean_needs_every_set()
    {
        var with = SetMetrics.Compute([1, 2], [true, true], [0]);
        var without = with with { Autc = null };

        Assert.Null(SetMetrics.Mean([with, without]).Autc);
        Assert.Equal(with.Oscr, SetMetrics.Mean([with, without]).Oscr);
    }

    [Fact]
    public void Metrics_go_by_the_names_of_the_file()
    {
        Assert.Equal(["oscr", "auroc"], ResultMetric.Of(["oscr", "auroc", "oscr"]).Select(metric => metric.Name));
        Assert.Equal(ResultMetric.All, ResultMetric.Of(["all", "oscr"]));
        Assert.Contains("eaurc", Assert.Throws<UnknownNameException>(() => ResultMetric.Of("oscar")).Message, StringComparison.Ordinal);
    }

    // Two classes; image i is of class 0, and the network says so where it is right.
    private static FeatureBank Bank(string name, bool[] correct)
    {
        using var scope = NewDisposeScope();
        var count = Math.Max(correct.Length, 1);
        float[] logits = [.. correct.DefaultIfEmpty().SelectMany(right => right ? new float[] { 1, 0 } : [0, 1])];
        return new FeatureBank(name, torch.zeros([count, 2]), torch.tensor(logits, [count, 2]), [.. correct.Length == 0 ? [ImageSet.OodLabel] : new int[count]]);
    }
}
