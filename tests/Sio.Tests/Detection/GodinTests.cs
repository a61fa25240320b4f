using Sio.Engine;
using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Tests.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;
using GodinObjective = Sio.Training.Objectives.Godin;

namespace Sio.Tests.Detection;

/// <summary>G-ODIN's score on a network whose features are its pixels: all of it can be worked out by hand.</summary>
public sealed class GodinTests
{
    // W = (1, −2; 3, 1), b = 0: of f = (1, 2), h = (−3, 5). The gradient of the largest is (3, 1), the step +ε/d in both pixels.
    [Fact]
    public void A_small_example()
    {
        using var scope = NewDisposeScope();
        using var network = Network(Sio.Training.Objectives.GodinHead.Inner, [1, -2, 3, 1]);
        using var bank = PixelBank.Of(network, 1, [1, 2]);
        Assert.Equal(5 + (4 * 0.0025 / PixelBank.Deviation), Assert.Single(Score(new Godin(), bank)), 1e-6);
        Assert.Equal(5, Assert.Single(Score(new Godin { Noise = 0 }, bank)), 1e-6);
        Assert.Equal(1 / (1 + Math.Exp(-8)), Assert.Single(Score(new Godin { Noise = 0, Measure = GodinMeasure.SoftmaxH }, bank)), 1e-6);

        // g = sigmoid((0.5·1 − 0.25·2 + 1) / √(1 + 10⁻⁵)): its gradient is (+, −).
        var g = 1 / (1 + Math.Exp(-1 / Math.Sqrt(1 + 1e-5)));
        Assert.Equal(g, Assert.Single(Score(new Godin { Noise = 0, Measure = GodinMeasure.G }, bank)), 1e-6);
        var moved = 1 / (1 + Math.Exp(-(1 + (0.75 * 0.1 / PixelBank.Deviation)) / Math.Sqrt(1 + 1e-5)));
        Assert.Equal(moved, Assert.Single(Score(new Godin { Noise = 0.1, Measure = GodinMeasure.G }, bank)), 1e-6);
        Assert.Equal(5 / g, Assert.Single(Score(new Godin { Noise = 0, Measure = GodinMeasure.Logits }, bank)), 1e-5);
        Assert.NotEqual(5 / g, Assert.Single(Score(new Godin { Measure = GodinMeasure.Logits }, bank)), 1e-3);
    }

    // cos((1 + s, 0.04 − s), (1, 0)) with s = ε/d is 1 at s = 0.04 and falls beyond it; a linear h never falls.
    [Theory]
    [InlineData(Sio.Training.Objectives.GodinHead.Cosine, 0.02)]
    [InlineData(Sio.Training.Objectives.GodinHead.Inner, 0.08)]
    public void The_step_is_searched_on_validation_images(Sio.Training.Objectives.GodinHead head, double expected)
    {
        using var scope = NewDisposeScope();
        using var network = Network(head, [1, 0, -1, 0]);
        using var bank = PixelBank.Of(network, 1, [1, 0.04f], [2, 0.08f], [1, 0.04f]);
        using var detector = new Godin { Search = true };
        Assert.True(detector.Needs.HasFlag(DetectorNeeds.ValidationSet));
        detector.Fit(DetectorFit.WithoutHead(null, 2, 2, bank, "and there is none"));
        Assert.Equal(expected, detector.State.Number("noise"));
        using var fixedStep = new Godin { Noise = expected };
        Assert.Equal(fixedStep.Score(bank), detector.Score(bank));
    }

    [Fact]
    public void Another_network_is_refused_and_no_tensor_is_left()
    {
        using var network = ImageReference.Network();
        using var other = FeatureBank.Extract(network, ImageReference.Images("id"), ImageReference.Normalization, keepImages: true);
        foreach (var detector in new[] { new Godin(), new Godin { Noise = 0 } })
        {
            using (detector)
            {
                Assert.Equal(
                    "godin: needs a network that was trained with the objective godin (--objective godin)",
                    Assert.Throws<DetectionException>(() => detector.Score(other)).Message);
            }
        }

        using var own = Network(Sio.Training.Objectives.GodinHead.Cosine, [1, 2, 3, 4]);
        using var bank = PixelBank.Of(own, 1, [1, 2]);
        foreach (var noise in new[] { -1, double.NaN })
            Assert.StartsWith("godin: the noise is", Assert.Throws<DetectionException>(() => Score(new Godin { Noise = noise }, bank)).Message, StringComparison.Ordinal);
        var before = TensorCount.Settled();
        using (var detector = new Godin { Search = true })
        {
            using (var scope = NewDisposeScope())
                detector.Fit(DetectorFit.WithoutHead(null, 2, 2, bank, "and there is none"));
            _ = detector.Score(bank);
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
        Assert.All(own.parameters(), parameter => Assert.Null(parameter.grad));
    }

    private static PixelClassifier Network(Sio.Training.Objectives.GodinHead head, float[] weight)
    {
        using var scope = NewDisposeScope();
        var network = new PixelClassifier(2, 2);
        var objective = new GodinObjective { Head = head };
        objective.Attach(network, null);
        PixelClassifier.Set(network, "fc.weight", torch.tensor(weight, [2, 2]));
        PixelClassifier.Set(objective.Layers, "g.weight", torch.tensor(new float[] { 0.5f, -0.25f }, [1, 2]));
        PixelClassifier.Set(objective.Layers, "g.bias", torch.tensor(new float[] { 1f }, [1]));
        return network;
    }

    private static float[] Score(Godin detector, FeatureBank bank)
    {
        using (detector)
            return detector.Score(bank);
    }
}
