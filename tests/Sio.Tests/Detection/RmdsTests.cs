using Sio.Detection.Detectors;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class RmdsTests
{
    [Fact]
    public void Scores_are_the_originals() => PosthocReference.AssertScores("rmds", "rmds", 2e-4);

    // As for MDS Σ = diag(4, 16); over all images the mean is (0, 4) and Σ₀ = diag(68, 16).
    [Fact]
    public void A_small_example()
    {
        using var scope = NewDisposeScope();
        using var train = RowBanks.Of([[10, 0], [6, 8], [-10, 0], [-6, 8]], [0, 0, 1, 1], 2);
        using var test = RowBanks.Of([[8, 4], [0, 10]], new int[2], 2);
        using var rmds = new Rmds();
        rmds.Fit(RowBanks.Fit(train));
        var scores = rmds.Score(test);
        Assert.Equal(64 / 68.0, scores[0], 1e-5);
        Assert.Equal(-16, scores[1], 1e-5);
    }
}
