using Sio.Engine;
using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Tests.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;
using ClassifierDiscrepancyObjective = Sio.Training.Objectives.ClassifierDiscrepancy;

namespace Sio.Tests.Detection;

/// <summary>MCD's score on a network whose features are its pixels.</summary>
public sealed class ClassifierDiscrepancyTests
{
    // The first layer gives (f₁, 0), the second (f₂, 0): p = (¾, ¼) and (¼, ¾) of f = (log 3, −log 3), twice (¾, ¼) of (log 3, log 3).
    [Fact]
    public void A_small_example()
    {
        using var scope = NewDisposeScope();
        using var network = Network();
        var log3 = (float)Math.Log(3);
        using var bank = PixelBank.Of(network, 1, [log3, -log3], [log3, log3], [200, -200]);
        using var detector = new ClassifierDiscrepancy();
        Assert.Equal([-1f, 0, -2], detector.Score(bank), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Another_network_is_refused_and_no_tensor_is_left()
    {
        using var network = ImageReference.Network();
        using var other = FeatureBank.Extract(network, ImageReference.Images("id"), ImageReference.Normalization, keepImages: true);
        using var detector = new ClassifierDiscrepancy();
        Assert.StartsWith("mcd: needs a network that was trained with the objective mcd", Assert.Throws<DetectionException>(() => detector.Score(other)).Message, StringComparison.Ordinal);
        using var own = Network();
        using var bank = PixelBank.Of(own, 1, [1, 2]);
        var before = TensorCount.Settled();
        _ = detector.Score(bank);
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    private static PixelClassifier Network()
    {
        using var scope = NewDisposeScope();
        var network = new PixelClassifier(2, 2);
        var objective = new ClassifierDiscrepancyObjective();
        objective.Attach(network, null);
        PixelClassifier.Set(network, "fc.weight", torch.tensor(new float[] { 1f, 0, 0, 0 }, [2, 2]));
        PixelClassifier.Set(network, "fc.bias", torch.zeros([2]));
        PixelClassifier.Set(objective.Layers, "second.weight", torch.tensor(new float[] { 0f, 1, 0, 0 }, [2, 2]));
        PixelClassifier.Set(objective.Layers, "second.bias", torch.zeros([2]));
        return network;
    }
}
