using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class MdsEnsembleTests
{
    // One variable, −1 and 1 after standardisation, one row each: the slope 2(1 − σ(w)) equals the penalty times w.
    private static double Weight(double penalty)
    {
        var (low, high) = (0.0, 100.0);
        for (var i = 0; i < 200; i++)
        {
            var w = (low + high) / 2;
            (low, high) = penalty * w < 2 / (1 + Math.Exp(w)) ? (w, high) : (low, w);
        }

        return low;
    }

    // Maps of one position are the images themselves. Head: the first channel tells class 0 (positive) from class 1.
    private static ToyMapModel Model(params Func<Tensor, Tensor>[] stages) =>
        new(torch.tensor(new float[] { 1f, 0f, -1f, 0f }, [2, 2]), stages.Length > 0 ? stages : [x => x]) { Std = [1, 2] };

    // Means (8, 4) and (−8, 4), deviations ±(2, −4) and ±(2, 4): Σ = diag(4, 16).
    private static FeatureBank Train(ToyMapModel model) =>
        model.Bank(ToyMapModel.Images(2, [10, 0], [6, 8], [-10, 0], [-6, 8]), [0, 0, 1, 1]);

    [Theory]
    [InlineData(1)]
    [InlineData(0.1)]
    public void Weights_by_hand(double penalty)
    {
        using var scope = NewDisposeScope();
        var model = Model();
        using var train = Train(model);

        // At distance 0. Of (8, 4) with label 0 the loss falls with the first channel and does not know the second, whose sign of zero is +1: a step of 2 over the
        // deviations (1, 2) leads to (6, 5), at 4/4 + 1/16.
        using var validation = model.Bank(ToyMapModel.Images(2, [8, 4]), [0]);
        using var mds = new MdsEnsemble { Noise = 0, Attack = 2, Penalty = penalty };
        mds.Fit(model.Fit(train, validation));
        var weight = Weight(penalty) / (1.0625 / 2);
        Assert.Equal(weight, Assert.Single(mds.State.Tensor("weights").ToArray<double>()), 1e-6);

        using var test = model.Bank(ToyMapModel.Images(2, [8, 4], [0, 10], [-10, 0]), new int[3]);
        var scores = mds.Score(test);
        Assert.Equal(0, scores[0], 1e-5);
        Assert.Equal(-weight * ((64 / 4.0) + (36 / 16.0)), scores[1], 1e-4);
        Assert.Equal(-weight * 2, scores[2], 1e-4);
    }

    // (10, 8) lies (2, 4) from (8, 4), so both channels go down, by 0.4 over the deviations (1, 2): (9.6, 7.8), at 1.6²/4 + 3.8²/16.
    [Fact]
    public void The_step_towards_the_nearest_class_by_hand()
    {
        using var scope = NewDisposeScope();
        var model = Model();
        using var train = Train(model);
        using var validation = model.Bank(ToyMapModel.Images(2, [9, 5], [-9, 5]), [0, 1]);
        using var test = model.Bank(ToyMapModel.Images(2, [10, 8], [-10, 8]), new int[2]);
        using var mds = new MdsEnsemble { Noise = 0.4 };
        mds.Fit(model.Fit(train, validation));
        var weight = Assert.Single(mds.State.Tensor("weights").ToArray<double>());
        Assert.NotEqual(0, weight);
        Assert.Equal(-weight * 1.5425, mds.Score(test)[0], 1e-4 * Math.Abs(weight));
        Assert.Equal(-weight * 1.5425, mds.Score(test)[1], 1e-4 * Math.Abs(weight));
    }

    [Fact]
    public void Stages_that_say_the_same_share_the_weight()
    {
        using var scope = NewDisposeScope();

        // Distances do not know of the map's scale.
        var model = Model(x => x, x => x * 2);
        using var train = Train(model);
        using var validation = model.Bank(ToyMapModel.Images(2, [9, 5], [-9, 5]), [0, 1]);
        using var mds = new MdsEnsemble { Attack = 3 };
        mds.Fit(model.Fit(train, validation));
        var weights = mds.State.Tensor("weights").ToArray<double>();
        Assert.Equal(weights[0], weights[1], 1e-6);
        Assert.True(weights[0] > 0);
    }

    [Fact]
    public void Every_setting_changes_the_scores()
    {
        using var network = ImageReference.Network();
        float[] Score(params string[] settings) => ReferenceScores.Of(network, "mds_ensemble", settings);
        var usual = Score();
        foreach (var setting in new[] { "mds_ensemble.noise=0", "mds_ensemble.noise=0.01", "mds_ensemble.attack=0.1", "mds_ensemble.penalty=0.01" })
            Assert.NotEqual(usual, Score(setting));
    }

    [Fact]
    public void Gaussians_of_pieces_are_those_of_the_whole()
    {
        using var scope = NewDisposeScope();
        using var train = RowBanks.Random("train", 60, 5, 3);
        using var mds = new Mds();
        mds.Fit(RowBanks.Fit(train));
        var expected = mds.Score(train);

        var points = train.Features.to(ScalarType.Float64);
        using var gaussians = new StreamedGaussians(3, points.narrow(0, 0, 7));
        for (var start = 0; start < 60; start += 7)
            gaussians.Add(points.narrow(0, start, Math.Min(7, 60 - start)), train.Labels.AsSpan(start, Math.Min(7, 60 - start)));
        var (centre, whitening, means) = gaussians.Finish()!.Value;
        var distance = ((points - centre).matmul(whitening).unsqueeze(1) - means).square().sum(2).amin([1]).ToArray<double>();
        Assert.Equal(expected, distance.Select(d => (float)-d), (a, b) => Math.Abs(a - b) < 1e-4f);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using var scope = NewDisposeScope();
        var model = Model();
        using var train = Train(model);
        foreach (var wrong in new[] { new MdsEnsemble { Noise = -1 }, new MdsEnsemble { Attack = 0 }, new MdsEnsemble { Penalty = double.NaN } })
        {
            using (wrong)
                Assert.Contains("a finite number", Assert.Throws<DetectionException>(() => wrong.Fit(model.Fit(train, train))).Message, StringComparison.Ordinal);
        }

        using var mds = new MdsEnsemble();
        using var same = model.Bank(torch.full([9, 2, 1, 1], 0.1, dtype: ScalarType.Float32), new int[9]);
        Assert.Contains("do not vary within the classes", Assert.Throws<DetectionException>(() => mds.Fit(model.Fit(same, train))).Message, StringComparison.Ordinal);
        using var single = model.Bank(torch.ones([1, 2, 1, 1]), [0]);
        Assert.Contains("do not vary", Assert.Throws<DetectionException>(() => mds.Fit(model.Fit(single, train))).Message, StringComparison.Ordinal);
        using var stray = model.Bank(torch.ones([2, 2, 1, 1]), [0, 2]);
        Assert.Contains("image 1", Assert.Throws<DetectionException>(() => mds.Fit(model.Fit(train, stray))).Message, StringComparison.Ordinal);
    }
}
