using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class GenTests
{
    // The peers' float32 1 − p is what is inexact here.
    [Theory]
    [InlineData("gen", 2e-3, "gen.M=100", "gen.gamma=0.1")]
    [InlineData("gen", 2e-3)]
    [InlineData("gen_m3", 4e-3, "gen.M=3")]
    public void Scores_are_the_originals(string row, double noise, params string[] settings) =>
        PosthocReference.AssertScores("gen", row, noise, settings);

    [Fact]
    public void Settings_matter() => PosthocReference.AssertSettingMatters("gen", "gen.gamma=0.5", "gen.M=3", "gen.m=1");

    // p = (1/8, 6/8, 1/8), γ = 2.
    [Theory]
    [InlineData(1, 9.0 / 256)]
    [InlineData(2, (9.0 / 256) + (49.0 / 4096))]
    [InlineData(3, (9.0 / 256) + (49.0 / 2048))]
    [InlineData(4, (9.0 / 256) + (49.0 / 2048))]
    public void Values_follow_the_formula(int m, double expected)
    {
        using var scope = NewDisposeScope();
        using var bank = Bank(0, MathF.Log(6), 0);
        Assert.Equal(-expected, Assert.Single(new Gen { Gamma = 2, M = m }.Score(bank)), 1e-7);
    }

    [Fact]
    public void Largest_probabilities_that_round_to_one_still_differ()
    {
        using var scope = NewDisposeScope();
        using var bank = Bank(0, 50, 0, 0, 60, 0, 0, 1e4f, 0);
        var scores = new Gen { M = 1 }.Score(bank);

        // 1 − p = 2·exp(−50) / (1 + 2·exp(−50)).
        Assert.Equal(-Math.Pow(2, 0.1) * Math.Exp(-5), scores[0], 1e-7);
        Assert.Equal(-Math.Pow(2, 0.1) * Math.Exp(-6), scores[1], 1e-7);
        Assert.Equal(0, scores[2]);
    }

    [Fact]
    public void Hyper_parameters_out_of_range_are_refused()
    {
        using var scope = NewDisposeScope();
        using var bank = Bank(0, 1, 2);
        foreach (var gamma in new[] { 0, -1, double.NaN, double.PositiveInfinity })
            Assert.Contains("gamma", Assert.Throws<DetectionException>(() => new Gen { Gamma = gamma }.Score(bank)).Message, StringComparison.Ordinal);
        Assert.Contains("M is 0", Assert.Throws<DetectionException>(() => new Gen { M = 0 }.Score(bank)).Message, StringComparison.Ordinal);
        Assert.Throws<RecipeException>(() => DetectorFactory.Create("gen", ["gen.gamma=0"]));
        Assert.Throws<RecipeException>(() => DetectorFactory.Create("gen", ["gen.M=0"]));
    }

    private static FeatureBank Bank(params float[] logits) =>
        new("bank", torch.zeros([logits.Length / 3, 1]), torch.tensor(logits, [logits.Length / 3, 3]), new int[logits.Length / 3]);
}
