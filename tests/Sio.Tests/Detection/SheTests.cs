using Sio.Detection;
using Sio.Detection.Detectors;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class SheTests
{
    [Fact]
    public void Scores_are_the_originals() => PosthocReference.AssertScores("she", "she", 2e-6);

    [Fact]
    public void Hyper_parameters_matter() => PosthocReference.AssertSettingMatters("she", "she.metric=cosine", "she.metric=euclidean");

    [Fact]
    public void Sets_at_the_edge_have_scores() => FeatureEdgeCases.AssertFiniteScores("she");

    // Patterns (2, 0) and (0, 2): the last image, of class 1, is taken for class 0. Class 2 has none, and gets the mean of the three, (4/3, 2/3).
    [Theory]
    [InlineData(SheMetric.InnerProduct, 8, 20 / 3.0)]
    [InlineData(SheMetric.Cosine, 0.8, 0.894427190999916)]
    [InlineData(SheMetric.Euclidean, -3.605551275463989, -3.726779962499649)]
    public void Follows_the_formula(SheMetric metric, double own, double general)
    {
        using var scope = NewDisposeScope();
        using var fit = FeatureEdgeCases.Bank([1, 0, 3, 0, 0, 2, 9, 9], 2, [1, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0], 0, 0, 1, 1);
        using var she = new She { Metric = metric };
        var scores = FeatureEdgeCases.Score(she, fit, new float[6], new float[3], [3, 4, 3, 4], [0, 1, 0, 0, 0, 1]);
        Assert.Equal([own, general], scores.Select(score => (double)score), (expected, actual) => Math.Abs(expected - actual) < 1e-6);
    }

    [Fact]
    public void A_zero_feature_has_cosine_zero()
    {
        using var scope = NewDisposeScope();
        using var fit = FeatureEdgeCases.Bank([1, 0], 2, [1, 0], 0);
        using var she = new She { Metric = SheMetric.Cosine };
        Assert.Equal([0f], FeatureEdgeCases.Score(she, fit, new float[4], new float[2], [0, 0], [1, 0]));
    }

    [Fact]
    public void A_training_set_without_any_image_classified_correctly_is_refused()
    {
        using var scope = NewDisposeScope();
        using var fit = FeatureEdgeCases.Bank([1, 0, 0, 1], 2, [1, 0, 0, 1], 1, 0);
        using var she = new She();
        var error = Assert.Throws<DetectionException>(() => FeatureEdgeCases.Score(she, fit, new float[4], new float[2], [1, 0], [1, 0]));
        Assert.Contains("no image of bank is classified correctly", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cosine")]
    [InlineData("euclidean")]
    public void Sets_at_the_edge_have_scores_with_every_metric(string metric) => FeatureEdgeCases.AssertFiniteScores("she", $"she.metric={metric}");
}
