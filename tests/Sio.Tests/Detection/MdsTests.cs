using Sio.Detection;
using Sio.Detection.Detectors;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class MdsTests
{
    [Fact]
    public void Scores_are_the_originals() => PosthocReference.AssertScores("mds", "mds", 2e-5);

    // Means (8, 4) and (−8, 4), deviations ±(2, −4) and ±(2, 4): Σ = diag(4, 16).
    [Fact]
    public void A_small_example()
    {
        using var scope = NewDisposeScope();
        using var train = RowBanks.Of([[10, 0], [6, 8], [-10, 0], [-6, 8]], [0, 0, 1, 1], 2);
        using var test = RowBanks.Of([[8, 4], [0, 10], [-10, 0]], new int[3], 2);
        using var mds = new Mds();
        mds.Fit(RowBanks.Fit(train));
        var scores = mds.Score(test);
        Assert.Equal(0, scores[0], 1e-5);
        Assert.Equal(-((64 / 4.0) + (36 / 16.0)), scores[1], 1e-5);
        Assert.Equal(-2, scores[2], 1e-5);
    }

    [Fact]
    public void Chunks_do_not_change_the_scores()
    {
        using var scope = NewDisposeScope();
        using var train = RowBanks.Random("train", 9000, 5, 3);
        using var mds = new Mds();
        mds.Fit(RowBanks.Fit(train));
        var all = mds.Score(train);
        foreach (var row in new[] { 0, 4095, 4096, 8999 })
        {
            using var one = new FeatureBank("one", train.Features.narrow(0, row, 1).clone(), train.Logits.narrow(0, row, 1).clone(), [0]);
            Assert.Equal(all[row], mds.Score(one)[0], 1e-5);
        }
    }
}
