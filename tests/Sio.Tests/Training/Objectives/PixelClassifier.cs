using Sio.Networks;
using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Training.Objectives;

/// <summary>A network whose features are the pixels themselves, so that a test can follow it by hand: one channel, one row.</summary>
internal sealed class PixelClassifier : Classifier
{
    internal PixelClassifier(int pixels, int classes, int height = 1)
        : base(new ClassifierShape(1, height, pixels / height, classes)) => Head = this.Register("fc", new Linear(pixels, classes));

    public override Linear Head { get; }

    /// <summary>A network whose logits are the pixels, in float64: what its loss is of, a test gives.</summary>
    internal static PixelClassifier OfLogits(long classes)
    {
        var network = new PixelClassifier((int)classes, (int)classes);
        network.to(ScalarType.Float64);
        using var scope = NewDisposeScope();
        Set(network, "fc.weight", torch.eye(classes, dtype: ScalarType.Float64));
        Set(network, "fc.bias", torch.zeros([classes], dtype: ScalarType.Float64));
        return network;
    }

    /// <summary>Images [N,1,1,D] of features.</summary>
    internal static Tensor Images(Tensor features) => features.reshape(features.size(0), 1, 1, features.size(1));

    /// <summary>Puts values into a parameter or buffer.</summary>
    internal static void Set(nn.Module module, string name, Tensor value)
    {
        using var noGrad = no_grad();
        module.StateDict().Single(entry => entry.Name == name).Value.copy_(value);
    }

    protected override Tensor FeaturesCore(Tensor images) => images.flatten(1);
}
