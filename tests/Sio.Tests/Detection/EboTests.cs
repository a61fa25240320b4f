using Sio.Detection;
using Sio.Detection.Detectors;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class EboTests
{
    [Fact]
    public void Scores_and_AUROC_are_the_originals() => PosthocReference.AssertScores("ebo", "ebo", 3e-6);

    [Fact]
    public void The_temperature_matters() => PosthocReference.AssertSettingMatters("ebo", "ebo.temperature=2");

    [Fact]
    public void Sets_at_the_edge_have_scores() => FeatureEdgeCases.AssertFiniteScores("ebo");

    [Fact]
    public void Values_follow_the_formula()
    {
        using var scope = NewDisposeScope();
        using var bank = FeatureEdgeCases.Bank(new float[4], 2, [0, MathF.Log(3), -1, -2]);
        Assert.Equal([Math.Log(4), -1 + Math.Log(1 + Math.Exp(-1))], new Ebo().Score(bank).Select(score => (double)score), Close);
        Assert.Equal(
            [2 * Math.Log(1 + Math.Sqrt(3)), 2 * Math.Log(Math.Exp(-0.5) + Math.Exp(-1))],
            new Ebo { Temperature = 2 }.Score(bank).Select(score => (double)score), Close);
    }

    [Fact]
    public void Large_logits_neither_overflow_nor_lose_their_order()
    {
        using var scope = NewDisposeScope();
        using var bank = FeatureEdgeCases.Bank(new float[4], 2, [1e4f, -1e4f, -1e4f, -1.1e4f]);
        Assert.Equal([1e4f, -1e4f], new Ebo().Score(bank));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_temperature_that_is_not_above_zero_is_refused(double temperature)
    {
        using var scope = NewDisposeScope();
        using var bank = FeatureEdgeCases.Bank(new float[2], 2, [1, 2]);
        var error = Assert.Throws<DetectionException>(() => new Ebo { Temperature = temperature }.Score(bank));
        Assert.StartsWith("ebo: ", error.Message, StringComparison.Ordinal);
    }

    private static bool Close(double expected, double actual) => Math.Abs(expected - actual) < 1e-6;
}
