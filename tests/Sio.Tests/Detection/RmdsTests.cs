using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Torch;

namespace Sio.Tests.Detection;

public sealed class RmdsTests
{
    [Fact]
    public void Scores_are_the_originals() => PosthocReference.AssertScores("rmds", "rmds", 2e-4);

    // As for MDS Σ = diag(4, 16); over all images the mean is (0, 4) and Σ₀ = diag(68, 16).
    [Fact]
    public void A_small_example()
    {
        using var scope = new TensorScope();
        using var train = RowBanks.Of([[10, 0], [6, 8], [-10, 0], [-6, 8]], [0, 0, 1, 1], 2);
        using var test = RowBanks.Of([[8, 4], [0, 10]], new int[2], 2);
        using var rmds = new Rmds();
        rmds.Fit(RowBanks.Fit(train));
        var scores = rmds.Score(test);
        Assert.Equal(64 / 68.0, scores[0], 1e-5);
        Assert.Equal(-16, scores[1], 1e-5);
    }

    [Fact]
    public void A_class_without_training_images_is_left_out()
    {
        using var scope = new TensorScope();
        using var some = RowBanks.Random("train", 60, 3, 2);
        using var more = new FeatureBank("train", some.Features.Clone(), Tensor.Zeros([60, 4]), [.. some.Labels.Select(label => 2 * label)]);
        using var two = new Rmds();
        using var four = new Rmds();
        two.Fit(RowBanks.Fit(some));
        four.Fit(RowBanks.Fit(more));
        Assert.Equal(two.Score(some), four.Score(more));
    }

    [Fact]
    public void Constant_features_are_refused()
    {
        using var scope = new TensorScope();
        using var train = RowBanks.Of([.. Enumerable.Repeat(new[] { 0.1f, 0.7f, 0.3f }, 9)], new int[9], 2);
        using var detector = new Rmds();
        Assert.Contains("do not vary", Assert.Throws<DetectionException>(() => detector.Fit(RowBanks.Fit(train))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_feature_that_never_varies_counts_for_nothing()
    {
        using var scope = new TensorScope();
        using var train = RowBanks.Random("train", 60, 3, 2);
        train.Features.Select(1, 1).Fill_(0.1);
        using var detector = new Rmds();
        detector.Fit(RowBanks.Fit(train));
        Assert.All(detector.Score(train), score => Assert.InRange(score, -60f, 60f));
    }

    [Fact]
    public void Labels_that_are_no_class_are_refused()
    {
        using var scope = new TensorScope();
        using var train = RowBanks.Of([[1, 2], [3, 5], [4, 4]], [0, 1, -1], 2);
        using var detector = new Rmds();
        Assert.Contains("image 2", Assert.Throws<DetectionException>(() => detector.Fit(RowBanks.Fit(train))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_image_and_more_classes_than_features_are_scored()
    {
        using var scope = new TensorScope();
        using var train = RowBanks.Random("train", 40, 3, 7);
        using var test = RowBanks.Random("test", 1, 3, 7);
        using var detector = new Rmds();
        detector.Fit(RowBanks.Fit(train));
        Assert.True(float.IsFinite(Assert.Single(detector.Score(test))));
        using var single = new Rmds();
        Assert.Throws<DetectionException>(() => single.Fit(RowBanks.Fit(test)));
    }
}
