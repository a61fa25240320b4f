using Sio.Detection;
using Sio.Detection.Detectors;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class VimTests
{
    [Fact]
    public void Scores_are_the_originals() => PosthocReference.AssertScores("vim", "vim", 6e-4);

    [Fact]
    public void The_dimension_matters() => PosthocReference.AssertSettingMatters("vim", "vim.dim=20", "vim.dim=41", "vim.dim=0");

    [Theory]
    [InlineData(2048, 42)]
    [InlineData(512, 42)]
    [InlineData(64, 42)]
    [InlineData(63, 42)]
    [InlineData(62, 31)]
    [InlineData(8, 4)]
    [InlineData(1, 0)]
    public void The_dimension_left_open_follows_the_feature_size(int featureSize, int dimension) =>
        Assert.Equal(dimension, PrincipalSubspace.DefaultDimension(featureSize));

    // The head is the identity with bias (1, 0, 0), so u = (−1, 0, 0). From there the training features are ±(4,0,0), ±(0,2,0) and ±(0,0,1): the first two
    // directions are principal, and the residual is the third coordinate: mean 1/3. Largest logits, that is f + bias: 4, 0, 2, 0, 1, 0: mean 7/6, α = 7/2.
    [Fact]
    public void A_small_example()
    {
        using var scope = NewDisposeScope();
        float[][] away = [[4, 0, 0], [-4, 0, 0], [0, 2, 0], [0, -2, 0], [0, 0, 1], [0, 0, -1]];
        float[][] features = [.. away.Select(row => new[] { row[0] - 1, row[1], row[2] })];
        using var train = RowBanks.Of(features, [0, 0, 1, 1, 2, 2], 3, away);
        using var test = RowBanks.Of([[9, 5, 0], [9, 5, -2]], [0, 0], 3, [[0, 0, 0], [1, 1, 1]]);
        using var vim = new Vim { Dim = 2 };
        vim.Fit(new DetectorFit(train, torch.eye(3), torch.tensor(new float[] { 1, 0, 0 }, [3])));
        var scores = vim.Score(test);
        Assert.Equal(Math.Log(3), scores[0], 1e-5);
        Assert.Equal(Math.Log(3) + 1 - 7, scores[1], 1e-5);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-1)]
    public void A_dimension_that_leaves_no_residual_is_refused(int dimension)
    {
        using var scope = NewDisposeScope();
        using var train = RowBanks.Random("train", 20, 3, 2);
        using var vim = new Vim { Dim = dimension };
        Assert.Contains($"dim = {dimension}", Assert.Throws<DetectionException>(() => vim.Fit(RowBanks.Fit(train))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constant_features_are_refused()
    {
        using var scope = NewDisposeScope();
        using var train = RowBanks.Of([.. Enumerable.Repeat(new[] { 0.1f, 0.7f, 0.3f }, 9)], new int[9], 2);
        using var vim = new Vim { Dim = 1 };
        Assert.Contains("choose a smaller dim", Assert.Throws<DetectionException>(() => vim.Fit(RowBanks.Fit(train))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_image_and_more_classes_than_features_are_scored()
    {
        using var scope = NewDisposeScope();
        using var train = RowBanks.Random("train", 20, 3, 7);
        using var test = RowBanks.Random("test", 1, 3, 7);
        using var vim = new Vim();
        vim.Fit(RowBanks.Fit(train));
        Assert.True(float.IsFinite(Assert.Single(vim.Score(test))));
    }

    [Fact]
    public void Chunks_do_not_change_the_scores()
    {
        using var scope = NewDisposeScope();
        using var train = RowBanks.Random("train", 9000, 5, 2);
        using var vim = new Vim { Dim = 2 };
        vim.Fit(RowBanks.Fit(train));
        var all = vim.Score(train);
        foreach (var row in new[] { 0, 4095, 4096, 8999 })
        {
            using var one = new FeatureBank("one", train.Features.narrow(0, row, 1).clone(), train.Logits.narrow(0, row, 1).clone(), [0]);
            Assert.Equal(all[row], vim.Score(one)[0], 1e-5);
        }
    }
}
