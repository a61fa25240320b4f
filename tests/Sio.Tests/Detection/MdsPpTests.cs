using Sio.Detection;
using Sio.Detection.Detectors;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class MdsPpTests
{
    // No reference has it. At length 1 the training features are (1, 0), (0.6, 0.8) and their mirror images: means (±0.8, 0.4), Σ = diag(0.04, 0.16).
    [Fact]
    public void A_small_example()
    {
        using var scope = NewDisposeScope();
        using var train = RowBanks.Of([[7, 0], [3, 4], [-0.5f, 0], [-30, 40]], [0, 0, 1, 1], 2);
        using var test = RowBanks.Of([[0, 9], [0.2f, 0], [-6, 8]], new int[3], 2);
        using var detector = DetectorFactory.Create("mds_pp");
        detector.Fit(RowBanks.Fit(train));
        var scores = detector.Score(test);
        Assert.Equal(-((0.64 / 0.04) + (0.36 / 0.16)), scores[0], 1e-5);
        Assert.Equal(-2, scores[1], 1e-5);
        Assert.Equal(-2, scores[2], 1e-5);
    }

    [Fact]
    public void The_length_of_a_feature_does_not_matter()
    {
        using var scope = NewDisposeScope();
        using var train = RowBanks.Random("train", 60, 3, 2);
        using var longer = new FeatureBank("longer", train.Features * 4, train.Logits.clone(), train.Labels);
        using var detector = new MdsPp();
        detector.Fit(RowBanks.Fit(train));
        Assert.Equal(detector.Score(train), detector.Score(longer));
    }

    [Fact]
    public void An_image_without_any_feature_gets_a_score()
    {
        using var scope = NewDisposeScope();
        using var train = RowBanks.Random("train", 60, 3, 2);
        using var test = RowBanks.Of([[0, 0, 0]], [0], 2);
        using var detector = new MdsPp();
        detector.Fit(RowBanks.Fit(train));
        Assert.True(float.IsFinite(Assert.Single(detector.Score(test))));
    }

    // What should set it apart from MDS on the same real features.
    [Fact]
    public void It_differs_from_MDS()
    {
        using var scope = NewDisposeScope();
        using var train = PosthocReference.Bank("train");
        using var near = PosthocReference.Bank("near");
        using var mds = new Mds();
        using var detector = new MdsPp();
        mds.Fit(RowBanks.Fit(train));
        detector.Fit(RowBanks.Fit(train));
        Assert.NotEqual(mds.Score(near), detector.Score(near));
    }
}
