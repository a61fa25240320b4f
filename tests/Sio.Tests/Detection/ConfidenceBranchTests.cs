using Sio.Engine;
using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Tests.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;
using ConfidenceBranchObjective = Sio.Training.Objectives.ConfidenceBranch;

namespace Sio.Tests.Detection;

/// <summary>The learnt confidence on a network whose features are its pixels.</summary>
public sealed class ConfidenceBranchTests
{
    // t = 0.5·f₁ − 0.25·f₂ + 1; its gradient is (+, −), the step ε/d = 0.2 in both pixels.
    [Fact]
    public void A_small_example()
    {
        using var scope = NewDisposeScope();
        using var network = Network();
        using var bank = PixelBank.Of(network, 1, [1, 2], [80, 0]);
        Assert.Equal([LogSigmoid(1), LogSigmoid(41)], Score(new ConfidenceBranch(), bank), Close);
        Assert.Equal([LogSigmoid(1.15), LogSigmoid(41.15)], Score(new ConfidenceBranch { Noise = 0.1 }, bank), Close);

        // c = 1 in float32 for both: the logarithm still tells them apart.
        using var sure = PixelBank.Of(network, 1, [60, 0], [80, 0]);
        var scores = Score(new ConfidenceBranch(), sure);
        Assert.True(scores[0] < scores[1] && scores[1] < 0, string.Join(" ", scores));
    }

    [Fact]
    public void Another_network_is_refused_and_no_tensor_is_left()
    {
        using var network = ImageReference.Network();
        using var other = FeatureBank.Extract(network, ImageReference.Images("id"), ImageReference.Normalization, keepImages: true);
        Assert.StartsWith(
            "conf_branch: needs a network that was trained with the objective conf_branch", Assert.Throws<DetectionException>(() => Score(new ConfidenceBranch(), other)).Message, StringComparison.Ordinal);
        using var own = Network();
        using var bank = PixelBank.Of(own, 1, [1, 2]);
        Assert.StartsWith("conf_branch: the noise", Assert.Throws<DetectionException>(() => Score(new ConfidenceBranch { Noise = -1 }, bank)).Message, StringComparison.Ordinal);
        var before = TensorCount.Settled();
        _ = Score(new ConfidenceBranch { Noise = 0.01 }, bank);
        _ = Score(new ConfidenceBranch(), bank);
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    private static double LogSigmoid(double t) => -Math.Log(1 + Math.Exp(-t));

    private static bool Close(double expected, double actual) => Math.Abs(expected - actual) < 1e-6;

    private static PixelClassifier Network()
    {
        using var scope = NewDisposeScope();
        var network = new PixelClassifier(2, 2);
        var objective = new ConfidenceBranchObjective();
        objective.Attach(network, null);
        PixelClassifier.Set(objective.Layers, "confidence.weight", torch.tensor(new float[] { 0.5f, -0.25f }, [1, 2]));
        PixelClassifier.Set(objective.Layers, "confidence.bias", torch.tensor(new float[] { 1f }, [1]));
        return network;
    }

    private static double[] Score(ConfidenceBranch detector, FeatureBank bank)
    {
        using (detector)
            return Array.ConvertAll(detector.Score(bank), score => (double)score);
    }
}
