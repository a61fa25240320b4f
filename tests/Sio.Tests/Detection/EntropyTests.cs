using Sio.Detection.Detectors;
using Sio.Engine;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

/// <summary>The peers have no reference values: worked out by hand, and in plain C# on the reference's logits.</summary>
public sealed class EntropyTests
{
    [Fact]
    public void Values_follow_the_formula()
    {
        using var scope = NewDisposeScope();
        using var bank = FeatureEdgeCases.Bank(new float[4], 2, [0, MathF.Log(3), 1, 1]);
        Near([(0.75 * Math.Log(0.75)) + (0.25 * Math.Log(0.25)), -Math.Log(2)], new Entropy().Score(bank));
    }

    [Fact]
    public void Scores_are_those_of_a_plain_loop()
    {
        using var scope = NewDisposeScope();
        using var bank = PosthocReference.Bank("near");
        var rows = bank.Logits.ToArray<float>().Chunk(10).Select(Softmax).ToArray();
        Near([.. rows.Select(p => p.Sum(x => x * Math.Log(x)))], new Entropy().Score(bank));
    }

    [Fact]
    public void Sets_at_the_edge_have_scores() => FeatureEdgeCases.AssertFiniteScores("entropy");

    [Fact]
    public void Probabilities_that_vanish_add_nothing()
    {
        using var scope = NewDisposeScope();
        using var bank = FeatureEdgeCases.Bank(new float[4], 2, [1e4f, -1e4f, -1e4f, -1e4f]);
        Near([0, -Math.Log(2)], new Entropy().Score(bank));
    }

    [Fact]
    public void A_single_class_has_no_entropy()
    {
        using var scope = NewDisposeScope();
        using var bank = FeatureEdgeCases.Bank(new float[2], 2, [3]);
        Assert.Equal([0f], new Entropy().Score(bank));
    }

    private static double[] Softmax(float[] logits)
    {
        var powers = Array.ConvertAll(logits, logit => Math.Exp(logit));
        return Array.ConvertAll(powers, power => power / powers.Sum());
    }

    private static void Near(double[] expected, float[] actual) => Assert.Equal(expected, actual.Select(score => (double)score), (a, b) => Math.Abs(a - b) < 1e-6);
}
