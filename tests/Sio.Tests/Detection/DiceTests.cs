using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Engine;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class DiceTests
{
    [Fact]
    public void Scores_are_the_originals() => PosthocReference.AssertScores("dice", "dice", 2e-6);

    [Fact]
    public void Hyper_parameters_matter() => PosthocReference.AssertSettingMatters("dice", "dice.p=70", "dice.p=10");

    [Fact]
    public void Sets_at_the_edge_have_scores() => FeatureEdgeCases.AssertFiniteScores("dice");

    [Fact]
    public void Follows_the_formula()
    {
        using var scope = NewDisposeScope();
        using var fit = FeatureEdgeCases.Bank([0, 2, 2, 2], 2, new float[4]);
        using var dice = new Dice { P = 50 };

        // Mean feature (1, 2); contributions 1, 0.2, -1 and 2 have the median 0.6: the first and the last weight stay.
        var score = Assert.Single(FeatureEdgeCases.Score(dice, fit, [1, 0.1f, -1, 1], [0.5f, 0.25f], [3, 4], [0, 0]));
        Assert.Equal([1f, 0f, 0f, 1f], dice.State.Tensor("masked_weight").ToArray<float>());
        Assert.Equal(Math.Log(Math.Exp(3.5) + Math.Exp(4.25)), score, 1e-6);
    }

    [Fact]
    public void Keeps_the_weights_that_the_original_keeps()
    {
        using var scope = NewDisposeScope();
        var fit = PosthocReference.Fit();
        using var train = fit.Train;
        using var validation = fit.Validation;
        using var dice = new Dice();
        dice.Fit(fit);
        Assert.Equal(64, dice.State.Tensor("masked_weight").ToArray<float>().Count(weight => weight != 0));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(100)]
    [InlineData(double.NaN)]
    public void Leaving_out_every_weight_is_refused(double p)
    {
        using var scope = NewDisposeScope();
        using var fit = FeatureEdgeCases.Bank([0, 1], 1, [0, 0]);
        using var dice = new Dice { P = p };
        var error = Assert.Throws<DetectionException>(() => FeatureEdgeCases.Score(dice, fit, [1], [0], [1], [1]));
        Assert.StartsWith("dice: p is ", error.Message, StringComparison.Ordinal);
    }
}
