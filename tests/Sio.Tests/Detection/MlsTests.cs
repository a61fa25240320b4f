using Sio.Detection.Detectors;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class MlsTests
{
    [Fact]
    public void Scores_and_AUROC_are_the_originals() => PosthocReference.AssertScores("mls", "mls", 2e-6);

    [Fact]
    public void Sets_at_the_edge_have_scores() => FeatureEdgeCases.AssertFiniteScores("mls");

    [Fact]
    public void Values_are_the_largest_logits()
    {
        using var scope = NewDisposeScope();
        using var bank = FeatureEdgeCases.Bank(new float[4], 2, [0, 1.5f, -1, -2e4f]);
        Assert.Equal([1.5f, -1], new Mls().Score(bank));
    }
}
