using Sio.Detection;
using Sio.Detection.Detectors;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class VraTests
{
    [Fact]
    public void Scores_are_the_originals() => PosthocReference.AssertScores("vra", "vra", 4e-6);

    [Fact]
    public void Hyper_parameters_matter() => PosthocReference.AssertSettingMatters("vra", "vra.percentile_low=1", "vra.percentile_high=99");

    [Fact]
    public void Sets_at_the_edge_have_scores() => FeatureEdgeCases.AssertFiniteScores("vra");

    [Fact]
    public void Follows_the_formula()
    {
        using var scope = NewDisposeScope();
        using var fit = FeatureEdgeCases.Bank([0, 1, 2, 3, 4, 5], 2, new float[6]);
        using var vra = new Vra { PercentileLow = 20, PercentileHigh = 80 };

        // A fifth and four fifths of the way from 0 to 5: (10, 0) becomes (4, 1).
        var score = Assert.Single(FeatureEdgeCases.Score(vra, fit, [1, 0, 0, 1], [0, 0], [10, 0], [0, 0]));
        Assert.Equal(Math.Log(Math.Exp(4) + Math.Exp(1)), score, 1e-6);
    }

    [Fact]
    public void The_thresholds_are_the_originals()
    {
        using var scope = NewDisposeScope();
        var fit = PosthocReference.Fit();
        using var train = fit.Train;
        using var validation = fit.Validation;
        using var vra = new Vra();
        vra.Fit(fit);
        Assert.Equal(0.06762162894010544, vra.State.Number("threshold_low"), 1e-7);
        Assert.Equal(0.9373316943645478, vra.State.Number("threshold_high"), 1e-7);
    }

    [Theory]
    [InlineData(60, 40, "percentile_low is 60, above percentile_high, 40")]
    [InlineData(-1, 40, "percentile_low is -1")]
    [InlineData(10, 100.5, "percentile_high is 100.5")]
    public void What_is_no_interval_is_refused(double low, double high, string message)
    {
        using var scope = NewDisposeScope();
        using var fit = FeatureEdgeCases.Bank([0, 1], 1, [0, 0]);
        using var vra = new Vra { PercentileLow = low, PercentileHigh = high };
        var error = Assert.Throws<DetectionException>(() => FeatureEdgeCases.Score(vra, fit, [1], [0], [1], [1]));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
