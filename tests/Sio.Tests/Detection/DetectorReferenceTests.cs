using Sio.Detection;
using Sio.Evaluation;
using Sio.Torch;

namespace Sio.Tests.Detection;

public sealed class DetectorReferenceTests
{
    // The originals compute in float32. `noise` is the largest deviation of their scores from a float64 evaluation of the formula, as a
    // share of the score's standard deviation: ours may deviate as much again, and float32 rounding differs between machines.
    private const double Allowance = 4;

    [Theory]
    [InlineData("msp", 4e-6)]
    [InlineData("mls", 2e-6)]
    [InlineData("ebo", 3e-6)]
    [InlineData("knn", 2e-5)]
    public void Scores_and_AUROC_are_the_originals(string name, double noise)
    {
        using var scope = new TensorScope();
        using var detector = Catalog<Detector>.Create(name);
        var fit = PosthocReference.Fit();
        using var train = fit.Train;
        if (detector.NeedsFit)
            detector.Fit(fit);
        var scores = PosthocReference.Splits.ToDictionary(split => split, split =>
        {
            using var bank = PosthocReference.Bank(split);
            return detector.Score(bank);
        });

        foreach (var split in PosthocReference.Splits)
            Near(PosthocReference.Scores(name, split), scores[split], Allowance * noise, $"{name} {split}");
        foreach (var split in PosthocReference.Splits[1..])
        {
            var expected = OodMetrics.Compute(PosthocReference.Scores(name, "id"), PosthocReference.Scores(name, split));
            var actual = OodMetrics.Compute(scores["id"], scores[split]);
            Assert.InRange(actual.Auroc, expected.Auroc - 1e-4, expected.Auroc + 1e-4);
        }
    }

    // Recorded by SIO's own metric function, as fractions; its KNN all but solves the far set, which a sign error would turn round.
    [Theory]
    [InlineData("msp", 0.72866, 0.680548)]
    [InlineData("mls", 0.757152, 0.77478)]
    [InlineData("ebo", 0.754484, 0.785576)]
    [InlineData("knn", 0.696476, 0.998604)]
    public void AUROC_is_what_the_originals_metrics_said(string name, double near, double far)
    {
        using var scope = new TensorScope();
        using var detector = Catalog<Detector>.Create(name);
        var fit = PosthocReference.Fit();
        using var train = fit.Train;
        detector.Fit(fit);
        using var id = PosthocReference.Bank("id");
        foreach (var (split, expected) in new[] { ("near", near), ("far", far) })
        {
            using var ood = PosthocReference.Bank(split);
            Assert.InRange(OodMetrics.Compute(detector.Score(id), detector.Score(ood)).Auroc, (100 * expected) - 0.01, (100 * expected) + 0.01);
        }
    }

    [Fact]
    public void Every_detector_of_the_catalog_scores_in_distribution_higher_and_leaves_no_tensor()
    {
        using var toy = new ToyBanks();
        var before = TensorCount.Settled();
        foreach (var name in Catalog<Detector>.Names)
        {
            using (var detector = Catalog<Detector>.Create(name))
            {
                detector.Fit(toy.Fit);
                var (id, ood) = (detector.Score(toy.Id), detector.Score(toy.Ood));
                Assert.Equal(toy.Id.Count, id.Length);
                var auroc = OodMetrics.Compute(id, ood).Auroc;
                Assert.True(auroc > 95, $"{name}: AUROC {auroc}");
                Assert.Equal(id, detector.Score(toy.Id));
            }

            Assert.Equal(before, TorchRuntime.LiveTensors);
        }

        Assert.Superset(new HashSet<string> { "ebo", "knn", "mls", "msp" }, Catalog<Detector>.Names.ToHashSet());
    }

    private static void Near(float[] expected, float[] actual, double share, string what)
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
}
