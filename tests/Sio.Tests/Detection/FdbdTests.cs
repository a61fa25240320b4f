using Sio.Detection;
using Sio.Detection.Detectors;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class FdbdTests
{
    [Fact]
    public void Scores_are_the_originals() => PosthocReference.AssertScores("fdbd", "fdbd", 3e-6);

    [Fact]
    public void Hyper_parameters_matter() => PosthocReference.AssertSettingMatters("fdbd", "fdbd.distance_as_normalizer=false");

    [Fact]
    public void Sets_at_the_edge_have_scores() => FeatureEdgeCases.AssertFiniteScores("fdbd");

    [Fact]
    public void Scores_divided_by_the_norm_are_the_originals() =>
        PosthocReference.AssertScores("fdbd", "fdbd_norm", 3e-6, "fdbd.distance_as_normalizer=false");

    // Class 1 is 4 below the prediction, and its weights 5 away; class 2 has the weights of the predicted one. From the mean (1, 1), (4, 5) is 5 away.
    [Theory]
    [InlineData(true, 0.8 / 5)]
    [InlineData(false, 0.8 / 6.4031242374328485)]
    public void Follows_the_formula(bool distance, double expected)
    {
        using var scope = NewDisposeScope();
        using var fit = FeatureEdgeCases.Bank([0, 0, 2, 2], 2, new float[6]);
        using var fdbd = new Fdbd { DistanceAsNormalizer = distance };
        var score = Assert.Single(FeatureEdgeCases.Score(fdbd, fit, [3, 4, 0, 0, 3, 4], [0, 0, 0], [4, 5], [5, 1, 4]));
        Assert.Equal(expected, score, 1e-7);
    }

    [Fact]
    public void Needs_a_training_set_for_the_distance_only()
    {
        using var scope = NewDisposeScope();
        using var bank = FeatureEdgeCases.Bank([4, 5], 2, [5, 1]);
        var fit = new DetectorFit(null, torch.tensor(new float[] { 3f, 4, 0, 0 }, [2, 2]), torch.tensor(new float[] { 0f, 0 }));
        using var distance = new Fdbd();
        using var norm = new Fdbd { DistanceAsNormalizer = false };
        Assert.Throws<DetectionException>(() => distance.Fit(fit));
        norm.Fit(fit);
        Assert.Equal(0.8 / Math.Sqrt(41), Assert.Single(norm.Score(bank)), 1e-7);
    }

    [Fact]
    public void Sets_at_the_edge_have_scores_without_the_distance() =>
        FeatureEdgeCases.AssertFiniteScores("fdbd", "fdbd.distance_as_normalizer=false");
}
