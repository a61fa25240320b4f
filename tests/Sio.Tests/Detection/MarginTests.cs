using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Engine;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

/// <summary>The peers have no reference values: worked out by hand, and in plain C# on the reference's logits.</summary>
public sealed class MarginTests
{
    [Fact]
    public void Values_follow_the_formula()
    {
        using var scope = NewDisposeScope();
        using var bank = FeatureEdgeCases.Bank(new float[4], 2, [0, MathF.Log(3), 1, 1]);
        Near([0.5, 0], new Margin().Score(bank));
    }

    [Fact]
    public void Scores_are_those_of_a_plain_loop()
    {
        using var scope = NewDisposeScope();
        using var bank = PosthocReference.Bank("near");
        var rows = bank.Logits.ToArray<float>().Chunk(10).Select(Softmax).ToArray();
        Near([.. rows.Select(p => p.OrderDescending().First() - p.OrderDescending().ElementAt(1))], new Margin().Score(bank));
    }

    [Fact]
    public void Sets_at_the_edge_have_scores() => FeatureEdgeCases.AssertFiniteScores("margin");

    [Fact]
    public void Probabilities_that_vanish_add_nothing()
    {
        using var scope = NewDisposeScope();
        using var bank = FeatureEdgeCases.Bank(new float[4], 2, [1e4f, -1e4f, -1e4f, -1e4f]);
        Near([1, 0], new Margin().Score(bank));
    }

    [Fact]
    public void A_single_class_is_refused()
    {
        using var scope = NewDisposeScope();
        using var bank = FeatureEdgeCases.Bank(new float[2], 2, [3]);
        Assert.Contains("two classes", Assert.Throws<DetectionException>(() => new Margin().Score(bank)).Message, StringComparison.Ordinal);
    }

    private static double[] Softmax(float[] logits)
    {
        var powers = Array.ConvertAll(logits, logit => Math.Exp(logit));
        return Array.ConvertAll(powers, power => power / powers.Sum());
    }

    private static void Near(double[] expected, float[] actual) => Assert.Equal(expected, actual.Select(score => (double)score), (a, b) => Math.Abs(a - b) < 1e-6);
}
