using Sio.Engine;
using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Tests.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;
using RotationPredictionObjective = Sio.Training.Objectives.RotationPrediction;

namespace Sio.Tests.Detection;

/// <summary>RotPred's score on a network whose features are its pixels.</summary>
public sealed class RotationPredictionTests
{
    // The classes' layer reads the first pixel, the rotations' layer shows all four: logits of the rotations are the turned image itself.
    [Fact]
    public void A_small_example()
    {
        using var scope = NewDisposeScope();
        using var network = Network();
        using var bank = PixelBank.Of(network, 2, [1, 2, 3, 4], [4, 3, 2, 1], [0, 0, 0, 0]);
        using var detector = new RotationPrediction();
        var scores = detector.Score(bank);
        Assert.Equal(Expected(1, [[1, 2, 3, 4], [2, 4, 1, 3], [4, 3, 2, 1], [3, 1, 4, 2]]), scores[0], 1e-5);
        Assert.Equal(Expected(4, [[4, 3, 2, 1], [3, 1, 4, 2], [1, 2, 3, 4], [2, 4, 1, 3]]), scores[1], 1e-5);

        // A black image: nothing is known of its class nor of its rotation.
        Assert.Equal(-Math.Log(4), scores[2], 1e-6);
    }

    [Fact]
    public void Another_network_is_refused_and_no_tensor_is_left()
    {
        using var network = ImageReference.Network();
        using var other = FeatureBank.Extract(network, ImageReference.Images("id"), ImageReference.Normalization, keepImages: true);
        using var detector = new RotationPrediction();
        Assert.StartsWith("rotpred: needs a network that was trained with the objective rotpred", Assert.Throws<DetectionException>(() => detector.Score(other)).Message, StringComparison.Ordinal);
        using var own = Network();
        using var bank = PixelBank.Of(own, 2, [1, 2, 3, 4]);
        var before = TensorCount.Settled();
        _ = detector.Score(bank);
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    // KL(u ‖ p) of the logits (first, 0), minus the mean of −log q of the true rotation.
    private static double Expected(double first, double[][] turned)
    {
        var total = Math.Log(Math.Exp(first) + 1);
        return total - (first / 2) - Math.Log(2) - Enumerable.Range(0, 4).Average(r => Math.Log(turned[r].Sum(Math.Exp)) - turned[r][r]);
    }

    private static PixelClassifier Network()
    {
        using var scope = NewDisposeScope();
        var network = new PixelClassifier(4, 2, height: 2);
        var objective = new RotationPredictionObjective();
        objective.Attach(network, null);
        PixelClassifier.Set(network, "fc.weight", torch.tensor(new float[] { 1f, 0, 0, 0, 0, 0, 0, 0 }, [2, 4]));
        PixelClassifier.Set(network, "fc.bias", torch.zeros([2]));
        PixelClassifier.Set(objective.Layers, "rotation.weight", torch.eye(4));
        PixelClassifier.Set(objective.Layers, "rotation.bias", torch.zeros([4]));
        return network;
    }
}
