using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Torch;

namespace Sio.Tests.Detection;

public sealed class MdsTests
{
    [Fact]
    public void Scores_are_the_originals() => PosthocReference.AssertScores("mds", "mds", 2e-5);

    // Means (8, 4) and (−8, 4), deviations ±(2, −4) and ±(2, 4): Σ = diag(4, 16).
    [Fact]
    public void A_small_example()
    {
        using var scope = new TensorScope();
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
        using var scope = new TensorScope();
        using var train = RowBanks.Random("train", 9000, 5, 3);
        using var mds = new Mds();
        mds.Fit(RowBanks.Fit(train));
        var all = mds.Score(train);
        foreach (var row in new[] { 0, 4095, 4096, 8999 })
        {
            using var one = new FeatureBank("one", train.Features.Narrow(0, row, 1).Clone(), train.Logits.Narrow(0, row, 1).Clone(), [0]);
            Assert.Equal(all[row], mds.Score(one)[0], 1e-5);
        }
    }

    [Fact]
    public void A_class_without_training_images_is_left_out()
    {
        using var scope = new TensorScope();
        using var some = RowBanks.Random("train", 60, 3, 2);
        using var more = new FeatureBank("train", some.Features.Clone(), Tensor.Zeros([60, 4]), [.. some.Labels.Select(label => 2 * label)]);
        using var two = new Mds();
        using var four = new Mds();
        two.Fit(RowBanks.Fit(some));
        four.Fit(RowBanks.Fit(more));
        Assert.Equal(two.Score(some), four.Score(more));
    }

    [Fact]
    public void Constant_features_are_refused()
    {
        using var scope = new TensorScope();
        using var train = RowBanks.Of([.. Enumerable.Repeat(new[] { 0.1f, 0.7f, 0.3f }, 9)], new int[9], 2);
        using var detector = new Mds();
        Assert.Contains("do not vary", Assert.Throws<DetectionException>(() => detector.Fit(RowBanks.Fit(train))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_feature_that_never_varies_counts_for_nothing()
    {
        using var scope = new TensorScope();
        using var train = RowBanks.Random("train", 60, 3, 2);
        train.Features.Select(1, 1).Fill_(0.1);
        using var detector = new Mds();
        detector.Fit(RowBanks.Fit(train));
        Assert.All(detector.Score(train), score => Assert.InRange(score, -60f, 60f));
    }

    [Fact]
    public void Labels_that_are_no_class_are_refused()
    {
        using var scope = new TensorScope();
        using var train = RowBanks.Of([[1, 2], [3, 5], [4, 4]], [0, 1, -1], 2);
        using var detector = new Mds();
        Assert.Contains("image 2", Assert.Throws<DetectionException>(() => detector.Fit(RowBanks.Fit(train))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_image_and_more_classes_than_features_are_scored()
    {
        using var scope = new TensorScope();
        using var train = RowBanks.Random("train", 40, 3, 7);
        using var test = RowBanks.Random("test", 1, 3, 7);
        using var detector = new Mds();
        detector.Fit(RowBanks.Fit(train));
        Assert.True(float.IsFinite(Assert.Single(detector.Score(test))));
        using var single = new Mds();
        Assert.Throws<DetectionException>(() => single.Fit(RowBanks.Fit(test)));
    }
}
