using Sio.Detection;
using Sio.Detection.Detectors;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class ReactTests
{
    [Fact]
    public void Scores_are_the_originals() => PosthocReference.AssertScores("react", "react", 4e-6);

    [Fact]
    public void Hyper_parameters_matter() => PosthocReference.AssertSettingMatters("react", "react.percentile=85", "react.percentile=99");

    [Fact]
    public void Sets_at_the_edge_have_scores() => FeatureEdgeCases.AssertFiniteScores("react");

    [Fact]
    public void Follows_the_formula()
    {
        using var scope = NewDisposeScope();
        using var fit = FeatureEdgeCases.Bank([0, 1, 2, 3, 4, 5], 2, new float[6]);
        using var react = new React { Percentile = 50 };

        // The median of 0…5 is 2.5: (10, 1) becomes (2.5, 1).
        var score = Assert.Single(FeatureEdgeCases.Score(react, fit, [1, 0, 0, 1], [0, 0], [10, 1], [0, 0]));
        Assert.Equal(2.5, react.State.Number("threshold"), 1e-12);
        Assert.Equal(Math.Log(Math.Exp(2.5) + Math.Exp(1)), score, 1e-6);
    }

    [Fact]
    public void The_threshold_is_the_originals()
    {
        using var scope = NewDisposeScope();
        var fit = PosthocReference.Fit();
        using var train = fit.Train;
        using var validation = fit.Validation;
        using var react = new React();
        react.Fit(fit);
        Assert.Equal(0.9373316943645478, react.State.Number("threshold"), 1e-7);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(101)]
    [InlineData(double.NaN)]
    public void What_is_no_percentile_is_refused(double percentile)
    {
        using var scope = NewDisposeScope();
        using var fit = FeatureEdgeCases.Bank([0, 1], 1, [0, 0]);
        using var react = new React { Percentile = percentile };
        var error = Assert.Throws<DetectionException>(() => FeatureEdgeCases.Score(react, fit, [1], [0], [1], [1]));
        Assert.StartsWith("react: percentile is ", error.Message, StringComparison.Ordinal);
    }
}
