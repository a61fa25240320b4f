using Sio.Detection;
using Sio.Detection.Detectors;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class NciTests
{
    [Fact]
    public void Scores_are_the_originals() => PosthocReference.AssertScores("nci", "nci", 3e-6);

    [Fact]
    public void Hyper_parameters_matter() => PosthocReference.AssertSettingMatters("nci", "nci.alpha=0.01", "nci.alpha=0");

    [Fact]
    public void Sets_at_the_edge_have_scores() => FeatureEdgeCases.AssertFiniteScores("nci");

    [Fact]
    public void Follows_the_formula()
    {
        using var scope = NewDisposeScope();
        using var fit = FeatureEdgeCases.Bank([0, 0, 2, 2], 2, new float[4]);
        using var nci = new Nci { Alpha = 0.1 };

        // From the mean (1, 1), (4, 5) lies at (3, 4): 2 · 4 / 5 + 0.1 · 9. The mean itself has no direction: 0.1 · 2.
        var scores = FeatureEdgeCases.Score(nci, fit, [1, 0, 0, 2], [0, 0], [4, 5, 1, 1], [0, 1, 0, 1]);
        Assert.Equal([2.5, 0.2], scores.Select(score => (double)score), (expected, actual) => Math.Abs(expected - actual) < 1e-6);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void An_alpha_that_is_no_weight_is_refused(double alpha)
    {
        using var scope = NewDisposeScope();
        using var fit = FeatureEdgeCases.Bank([0, 1], 1, [0, 0]);
        using var nci = new Nci { Alpha = alpha };
        var error = Assert.Throws<DetectionException>(() => FeatureEdgeCases.Score(nci, fit, [1], [0], [1], [1]));
        Assert.StartsWith("nci: alpha is ", error.Message, StringComparison.Ordinal);
    }
}
