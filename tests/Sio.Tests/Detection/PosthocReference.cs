using Sio.Data;
using Sio.Detection;
using Sio.Evaluation;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

/// <summary>
/// Features, logits and scores that the original Python implementations gave: <c>Fixtures/posthoc/posthoc.npz</c>, packed by
/// <c>make_posthoc.py</c> beside it.
/// </summary>
internal static class PosthocReference
{
    internal static readonly string[] Splits = ["id", "near", "far"];

    private static readonly IReadOnlyDictionary<string, NpyArray> s_arrays =
        Npz.Read(Path.Combine(AppContext.BaseDirectory, "Fixtures", "posthoc", "posthoc.npz"));

    /// <summary>The bank of <c>train</c>, <c>val</c>, <c>id</c>, <c>near</c> or <c>far</c>; the caller disposes it.</summary>
    internal static FeatureBank Bank(string split) =>
        new(split, Tensor($"{split}_features"), Tensor($"{split}_logits"), s_arrays[$"{split}_labels"].Elements<int>());

    /// <summary>What detectors are fitted on; the caller disposes the banks and the tensors.</summary>
    internal static DetectorFit Fit() => new(Bank("train"), Tensor("fc_weight"), Tensor("fc_bias"), Bank("val"));

    internal static float[] Scores(string method, string split) => s_arrays[$"{method}_{split}"].Elements<float>();

    /// <summary>
    /// Fits a detector on the reference's sets and compares its scores with a row of the reference, and their AUROC. The originals compute in float32: `noise`
    /// is the largest deviation of their scores from a float64 evaluation of the formula, as a share of the score's standard deviation; ours may deviate
    /// four times as much, since float32 rounding differs between machines.
    /// </summary>
    internal static void AssertScores(string detector, string row, double noise, params string[] settings)
    {
        using var scope = NewDisposeScope();
        using var made = DetectorFactory.Create(detector, settings);
        var fit = Fit();
        using var train = fit.Train;
        using var validation = fit.Validation;
        made.Fit(fit);
        var scores = Splits.ToDictionary(split => split, split =>
        {
            using var bank = Bank(split);
            return made.Score(bank);
        });

        foreach (var split in Splits)
            AssertNear(Scores(row, split), scores[split], 4 * noise, $"{row} {split}");
        foreach (var split in Splits[1..])
        {
            var expected = OodMetrics.Compute(Scores(row, "id"), Scores(row, split)).Auroc;
            Assert.InRange(OodMetrics.Compute(scores["id"], scores[split]).Auroc, expected - 0.01, expected + 0.01);
        }
    }

    /// <summary>Shows that a hyper-parameter does something: another value gives other scores.</summary>
    internal static void AssertSettingMatters(string detector, params string[] settings)
    {
        using var scope = NewDisposeScope();
        var fit = Fit();
        using var train = fit.Train;
        using var validation = fit.Validation;
        using var bank = Bank("near");
        using var usual = DetectorFactory.Create(detector);
        usual.Fit(fit);
        var before = usual.Score(bank);
        foreach (var setting in settings)
        {
            using var other = DetectorFactory.Create(detector, [setting]);
            other.Fit(fit);
            Assert.False(before.AsSpan().SequenceEqual(other.Score(bank)), $"{setting} changed nothing");
        }
    }

    private static void AssertNear(float[] expected, float[] actual, double share, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        var mean = expected.Average(value => (double)value);
        var deviation = Math.Sqrt(expected.Average(value => (value - mean) * (value - mean)));
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - (double)actual[i]) <= share * deviation,
                $"{what}, image {i}: expected {expected[i]:R}, got {actual[i]:R}, off by {Math.Abs(expected[i] - (double)actual[i]) / deviation:E1} of the deviation");
        }
    }

    private static Tensor Tensor(string name) => torch.tensor(s_arrays[name].Elements<float>(), s_arrays[name].Shape);
}
