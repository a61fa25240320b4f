using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class NacTests
{
    // The head is the unit matrix, so the gradient of KL(u‖p) with respect to a feature is p − ½. Maps of one position are the features.
    private static ToyMapModel Model(params Func<Tensor, Tensor>[] stages) =>
        new(torch.tensor(new float[] { 1f, 0f, 0f, 1f }, [2, 2]), stages.Length > 0 ? stages : [x => x]) { Std = [1, 1] };

    // Feature (1, 0): p₀ = σ(1) = 0.731, so z · g = (0.231, 0), and with α = 10 the states are σ(2.31) = 0.91 and ½: of four even bins the last, and the third.
    // Counts of (1, 0) twice and (0, 1) once: in the first neuron the last bin twice, the third once; in the second the other way round. With O = 2 these are 1 and ½.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_small_example(int layers)
    {
        using var scope = NewDisposeScope();

        // Two positions that are averaged by the second stage: the first stage's sum of z is twice the feature, its sum of g the feature's, so with half of α its states
        // are those of the second.
        var model = layers == 1 ? Model() : Model(x => x, x => x.mean([2, 3], keepdim: true));
        FeatureBank Bank(params (float A, float B)[] features) => model.Bank(
            ToyMapModel.Images(2, [.. features.Select(f => layers == 1 ? new[] { f.A, f.B } : [f.A - 2, f.A + 2, f.B + 3, f.B - 3])]), new int[features.Length]);
        using var train = Bank((1, 0), (1, 0), (0, 1));
        using var test = Bank((1, 0), (0, 1), (2, 2), (1, 3));
        using var nac = new Nac { Layers = layers, Alpha = [10, 5], M = [4], O = [2], Spacing = NacSpacing.Even };
        nac.Fit(model.Fit(train));

        // (2, 2): p = ½, no gradient, both states ½. (1, 3): p₀ = 0.119, z · g = (−0.38, 1.14), states 0.02 and 1: the first bin, which is empty, and the last.
        Assert.Equal([1, 0.5f, 0.75f, 0.25f], nac.Score(test), (a, b) => Math.Abs(a - b) < 1e-6f);
    }

    // The ends of M = 8 bins, by the authors' formula: log₁₀₀₀ of 1, 11.2, 21.4, √1000 = 31.6, mirrored at ½.
    [Fact]
    public void Bins_are_narrow_around_a_half()
    {
        using var scope = NewDisposeScope();
        var model = Model();
        using var train = model.Bank(ToyMapModel.Images(2, [1, 0]), [0]);
        using var nac = new Nac { Layers = 1, M = [8], O = [1], Alpha = [1] };
        nac.Fit(model.Fit(train));

        // Six bins, ending at 0.350, 0.444, ½, 0.556, 0.650, 1; the states are σ(0.231) = 0.5575 and ½.
        Assert.Equal([0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0], nac.State.Tensor("coverage0").ToArray<double>());
    }

    [Fact]
    public void The_same_number_of_each_class_is_counted()
    {
        using var scope = NewDisposeScope();
        var model = Model();

        // The first of class 0 and the first of class 1: (1, 0) and (0, 1).
        using var train = model.Bank(ToyMapModel.Images(2, [1, 0], [5, 0], [5, 0], [0, 1], [0, 5]), [0, 0, 0, 1, 1], 2);
        using var first = model.Bank(ToyMapModel.Images(2, [1, 0], [0, 1]), [0, 1]);
        Nac Make(int images) => new() { Layers = 1, M = [400], O = [1], Alpha = [1], Images = images };
        using var two = Make(2);
        using var all = Make(0);
        using var many = Make(1000);
        using var direct = Make(0);
        two.Fit(model.Fit(train));
        all.Fit(model.Fit(train));
        many.Fit(model.Fit(train));
        direct.Fit(model.Fit(first));
        Assert.Equal(direct.State.Tensor("coverage0").ToArray<double>(), two.State.Tensor("coverage0").ToArray<double>());
        Assert.Equal(all.State.Tensor("coverage0").ToArray<double>(), many.State.Tensor("coverage0").ToArray<double>());
        Assert.NotEqual(all.State.Tensor("coverage0").ToArray<double>(), two.State.Tensor("coverage0").ToArray<double>());
    }

    [Fact]
    public void Every_setting_changes_the_scores()
    {
        using var network = ImageReference.Network();
        float[] Score(params string[] settings) => ReferenceScores.Of(network, "nac", ["nac.o=[3, 4, 5, 6]", .. settings]);
        var usual = Score();
        foreach (var setting in new[] { "nac.layers=1", "nac.alpha=[7]", "nac.m=[60]", "nac.o=[2]", "nac.images=10", "nac.spacing=even" })
            Assert.NotEqual(usual, Score(setting));

        // More stages than there are: all of them.
        Assert.Equal(usual, Score("nac.layers=9"));
    }

    [Fact]
    public void Constant_maps_are_scored_and_settings_that_make_no_sense_refused()
    {
        using var scope = NewDisposeScope();
        var model = Model();
        using var same = model.Bank(torch.ones([60, 2, 1, 1]), new int[60]);
        using var usual = new Nac();
        usual.Fit(model.Fit(same));
        Assert.All(usual.Score(same), score => Assert.Equal(1, score));
        foreach (var wrong in new[]
        {
            new Nac { Layers = 0 }, new Nac { Images = -1 }, new Nac { Alpha = [] }, new Nac { Alpha = [0] }, new Nac { M = [50, 3] }, new Nac { M = [] }, new Nac { O = [0] },
        })
        {
            using (wrong)
                Assert.Contains("needed", Assert.Throws<DetectionException>(() => wrong.Fit(model.Fit(same))).Message, StringComparison.Ordinal);
        }

        using var stray = model.Bank(torch.ones([2, 2, 1, 1]), [0, -1]);
        Assert.Contains("image 1", Assert.Throws<DetectionException>(() => usual.Fit(model.Fit(stray))).Message, StringComparison.Ordinal);
    }
}
