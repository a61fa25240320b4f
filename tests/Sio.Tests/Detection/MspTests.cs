using Sio.Detection.Detectors;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class MspTests
{
    [Fact]
    public void Scores_and_AUROC_are_the_originals() => PosthocReference.AssertScores("msp", "msp", 4e-6);

    [Fact]
    public void Sets_at_the_edge_have_scores() => FeatureEdgeCases.AssertFiniteScores("msp");

    [Fact]
    public void Values_follow_the_formula()
    {
        using var scope = NewDisposeScope();
        using var bank = FeatureEdgeCases.Bank(new float[4], 2, [0, MathF.Log(3), -1, -2]);
        Assert.Equal([0.75, 1 / (1 + Math.Exp(-1))], new Msp().Score(bank).Select(score => (double)score), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Large_logits_do_not_overflow()
    {
        using var scope = NewDisposeScope();
        using var bank = FeatureEdgeCases.Bank(new float[4], 2, [1e4f, -1e4f, -1e4f, -1.1e4f]);
        Assert.Equal([1f, 1f], new Msp().Score(bank));
    }
}
