using Sio.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

/// <summary>What the detectors on class means and covariances have in common: sets at the edge.</summary>
public sealed class MahalanobisEdgeCasesTests
{
    public static TheoryData<string> Detectors => ["mds", "rmds", "mds_pp"];

    [Theory]
    [MemberData(nameof(Detectors))]
    public void A_class_without_training_images_is_left_out(string name)
    {
        using var scope = NewDisposeScope();
        using var some = RowBanks.Random("train", 60, 3, 2);
        using var more = new FeatureBank("train", some.Features.clone(), torch.zeros([60, 4]), [.. some.Labels.Select(label => 2 * label)]);
        using var two = DetectorFactory.Create(name);
        using var four = DetectorFactory.Create(name);
        two.Fit(RowBanks.Fit(some));
        four.Fit(RowBanks.Fit(more));
        Assert.Equal(two.Score(some), four.Score(more));
    }

    [Theory]
    [MemberData(nameof(Detectors))]
    public void Constant_features_are_refused(string name)
    {
        using var train = RowBanks.Of([.. Enumerable.Repeat(new[] { 0.1f, 0.7f, 0.3f }, 9)], new int[9], 2);
        Refused(name, train, "do not vary");
    }

    // A constant that float32 rounds leaves a variance of rounding errors; at length 1 only zeros stay constant.
    [Theory]
    [InlineData("mds", 0.1f)]
    [InlineData("rmds", 0.1f)]
    [InlineData("mds", 0f)]
    [InlineData("rmds", 0f)]
    [InlineData("mds_pp", 0f)]
    public void A_feature_that_never_varies_counts_for_nothing(string name, float constant)
    {
        using var scope = NewDisposeScope();
        using var train = RowBanks.Random("train", 60, 3, 2);
        train.Features.select(1, 1).fill_(constant);
        using var detector = DetectorFactory.Create(name);
        detector.Fit(RowBanks.Fit(train));
        Assert.All(detector.Score(train), score => Assert.InRange(score, -60f, 60f));
    }

    [Theory]
    [MemberData(nameof(Detectors))]
    public void Labels_that_are_no_class_are_refused(string name)
    {
        using var train = RowBanks.Of([[1, 2], [3, 5], [4, 4]], [0, 1, -1], 2);
        Refused(name, train, "image 2");
    }

    [Theory]
    [MemberData(nameof(Detectors))]
    public void One_image_and_more_classes_than_features_are_scored(string name)
    {
        using var scope = NewDisposeScope();
        using var train = RowBanks.Random("train", 40, 3, 7);
        using var test = RowBanks.Random("test", 1, 3, 7);
        using var detector = DetectorFactory.Create(name);
        detector.Fit(RowBanks.Fit(train));
        Assert.True(float.IsFinite(Assert.Single(detector.Score(test))));
        Refused(name, test, "do not vary");
    }

    private static void Refused(string name, FeatureBank train, string expected)
    {
        using var scope = NewDisposeScope();
        using var detector = DetectorFactory.Create(name);
        Assert.Contains(expected, Assert.Throws<DetectionException>(() => detector.Fit(RowBanks.Fit(train))).Message, StringComparison.Ordinal);
    }
}
