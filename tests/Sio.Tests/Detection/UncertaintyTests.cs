using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Torch;

namespace Sio.Tests.Detection;

/// <summary>Entropy and margin, for which the peers have no reference values: worked out by hand, and in plain C# on the reference's logits.</summary>
public sealed class UncertaintyTests
{
    [Fact]
    public void Values_follow_the_formulas()
    {
        using var scope = new TensorScope();
        using var bank = Bank(2, 0, MathF.Log(3), 1, 1);
        Near([(0.75 * Math.Log(0.75)) + (0.25 * Math.Log(0.25)), -Math.Log(2)], new Entropy().Score(bank));
        Near([0.5, 0], new Margin().Score(bank));
    }

    [Fact]
    public void Scores_are_those_of_a_plain_loop()
    {
        using var scope = new TensorScope();
        using var bank = PosthocReference.Bank("near");
        var rows = bank.Logits.ToArray<float>().Chunk(10).Select(Softmax).ToArray();
        Near([.. rows.Select(p => p.Sum(x => x * Math.Log(x)))], new Entropy().Score(bank));
        Near([.. rows.Select(p => p.OrderDescending().First() - p.OrderDescending().ElementAt(1))], new Margin().Score(bank));
    }

    // 5,000 rows are more than two blocks, the last one short.
    [Theory]
    [InlineData("entropy")]
    [InlineData("margin")]
    [InlineData("gradnorm")]
    [InlineData("gen")]
    public void Blocks_do_not_change_the_scores(string name)
    {
        using var scope = new TensorScope();
        using var near = PosthocReference.Bank("near");
        using var repeated = RepeatedBank.Of(near, 10);
        using var detector = DetectorFactory.Create(name);
        var once = detector.Score(near);
        Assert.Equal(Enumerable.Repeat(once, 10).SelectMany(scores => scores), detector.Score(repeated));
    }

    [Fact]
    public void Probabilities_that_vanish_add_nothing()
    {
        using var scope = new TensorScope();
        using var bank = Bank(2, 1e4f, -1e4f, -1e4f, -1e4f);
        Near([0, -Math.Log(2)], new Entropy().Score(bank));
        Near([1, 0], new Margin().Score(bank));
    }

    [Fact]
    public void A_single_class_has_no_entropy_and_no_margin()
    {
        using var scope = new TensorScope();
        using var bank = Bank(1, 3);
        Assert.Equal([0f], new Entropy().Score(bank));
        Assert.Contains("two classes", Assert.Throws<DetectionException>(() => new Margin().Score(bank)).Message, StringComparison.Ordinal);
    }

    private static double[] Softmax(float[] logits)
    {
        var powers = Array.ConvertAll(logits, logit => Math.Exp(logit));
        return Array.ConvertAll(powers, power => power / powers.Sum());
    }

    private static void Near(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-6);
    }

    private static FeatureBank Bank(int classes, params float[] logits) =>
        new("bank", Tensor.Zeros([logits.Length / classes, 3]), Tensor.From(logits, logits.Length / classes, classes), new int[logits.Length / classes]);
}
