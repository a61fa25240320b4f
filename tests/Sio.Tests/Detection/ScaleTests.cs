using Sio.Detection;
using Sio.Detection.Detectors;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class ScaleTests
{
    [Fact]
    public void Scores_are_the_originals() => PosthocReference.AssertScores("scale", "scale", 4e-6);

    [Fact]
    public void Hyper_parameters_matter() => PosthocReference.AssertSettingMatters("scale", "scale.percentile=65");

    [Fact]
    public void Sets_at_the_edge_have_scores() => FeatureEdgeCases.AssertFiniteScores("scale");

    [Fact]
    public void Follows_the_formula()
    {
        using var scope = NewDisposeScope();
        using var fit = FeatureEdgeCases.Bank([1, 1, 1, 1], 4, [0, 0]);
        using var detector = new Scale { Percentile = 50 };

        // (4, 1, 3, 2) is multiplied by exp(10 / 7), and zero stays zero.
        var scores = FeatureEdgeCases.Score(detector, fit, [1, 1, 0, 0, 0, 0, 1, 1], [0, 0.5f], [4, 1, 3, 2, 0, 0, 0, 0], new float[4]);
        Assert.Equal(Math.Log(Math.Exp(5 * Math.Exp(10 / 7.0)) + Math.Exp((5 * Math.Exp(10 / 7.0)) + 0.5)), scores[0], 1e-5);
        Assert.Equal(Math.Log(1 + Math.Exp(0.5)), scores[1], 1e-6);
    }

    // All features are equal and one is kept, so that their sum is a thousand times its value: e^1000 is no number that float64 has.
    [Fact]
    public void The_factor_does_not_overflow()
    {
        using var scope = NewDisposeScope();
        float[] ones = [.. Enumerable.Repeat(1f, 1000)];
        using var fit = FeatureEdgeCases.Bank(ones, 1000, [0, 0]);
        using var detector = new Scale { Percentile = 99.9 };
        var score = Assert.Single(FeatureEdgeCases.Score(detector, fit, [.. ones, .. ones], [0, 0], ones, [0, 0]));
        Assert.True(float.IsFinite(score) && score > 1e30f, $"{score}");
    }

    [Fact]
    public void Keeping_no_feature_is_refused()
    {
        using var scope = NewDisposeScope();
        using var fit = FeatureEdgeCases.Bank([1, 1, 1, 1], 4, [0, 0]);
        using var detector = new Scale { Percentile = 95 };
        var error = Assert.Throws<DetectionException>(() => FeatureEdgeCases.Score(detector, fit, new float[8], new float[2], new float[4], new float[2]));
        Assert.Contains("keeps none of 4 features", error.Message, StringComparison.Ordinal);
    }
}
