using Sio.Engine;
using Sio.Detection;
using Sio.Evaluation;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class DetectorReferenceTests
{
    // Recorded by SIO's own metric function, as fractions; its KNN all but solves the far set, which a sign error would turn round.
    [Theory]
    [InlineData("msp", 0.72866, 0.680548)]
    [InlineData("mls", 0.757152, 0.77478)]
    [InlineData("ebo", 0.754484, 0.785576)]
    [InlineData("knn", 0.696476, 0.998604)]
    public void AUROC_is_what_the_originals_metrics_said(string name, double near, double far)
    {
        using var scope = NewDisposeScope();
        using var detector = Catalog<Detector>.Create(name);
        var fit = PosthocReference.Fit();
        using var train = fit.Train;
        using var validation = fit.Validation;
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
        foreach (var name in DetectorFileTests.FromBanks.Select(row => row.Data))
        {
            using (var detector = Catalog<Detector>.Create(name))
            {
                detector.Fit(toy.Fit);
                var (id, ood) = (detector.Score(toy.Id), detector.Score(toy.Ood));
                Assert.Equal(toy.Id.Count, id.Length);
                var auroc = OodMetrics.Compute(id, ood).Auroc;

                // Not more, since with 8 features some keep a single one; a sign error or a missing fit is far below.
                Assert.True(auroc > 90, $"{name}: AUROC {auroc}");
                Assert.Equal(id, detector.Score(toy.Id));
            }

            Assert.Equal(before, TorchRuntime.LiveTensors);
        }

        Assert.Superset(new HashSet<string> { "ebo", "knn", "mls", "msp" }, Catalog<Detector>.Names.ToHashSet());
    }
}
