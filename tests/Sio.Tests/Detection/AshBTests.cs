using Sio.Detection;
using Sio.Detection.Detectors;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class AshBTests
{
    [Fact]
    public void Scores_are_the_originals() => PosthocReference.AssertScores("ash_b", "ash_b", 2e-6);

    [Fact]
    public void Hyper_parameters_matter() => PosthocReference.AssertSettingMatters("ash_b", "ash_b.percentile=65");

    [Fact]
    public void Sets_at_the_edge_have_scores() => FeatureEdgeCases.AssertFiniteScores("ash_b");

    [Fact]
    public void Follows_the_formula()
    {
        using var scope = NewDisposeScope();
        using var fit = FeatureEdgeCases.Bank([1, 1, 1, 1], 4, [0, 0]);
        using var detector = new AshB { Percentile = 50 };

        // (4, 1, 3, 2), of sum 10, becomes (5, 0, 5, 0), and zero stays zero.
        var scores = FeatureEdgeCases.Score(detector, fit, [1, 1, 0, 0, 0, 0, 1, 1], [0, 0.5f], [4, 1, 3, 2, 0, 0, 0, 0], new float[4]);
        Assert.Equal(Math.Log(Math.Exp(5) + Math.Exp(5.5)), scores[0], 1e-5);
        Assert.Equal(Math.Log(1 + Math.Exp(0.5)), scores[1], 1e-6);
    }

    [Fact]
    public void Keeping_no_feature_is_refused()
    {
        using var scope = NewDisposeScope();
        using var fit = FeatureEdgeCases.Bank([1, 1, 1, 1], 4, [0, 0]);
        using var detector = new AshB { Percentile = 95 };
        var error = Assert.Throws<DetectionException>(() => FeatureEdgeCases.Score(detector, fit, new float[8], new float[2], new float[4], new float[2]));
        Assert.Contains("keeps none of 4 features", error.Message, StringComparison.Ordinal);
    }
}
