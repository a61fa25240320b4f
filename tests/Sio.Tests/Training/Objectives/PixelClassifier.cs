using Sio.Networks;
using Sio.Torch;
using Sio.Torch.Nn;

namespace Sio.Tests.Training.Objectives;

/// <summary>A network whose features are the pixels themselves, so that a test can follow it by hand: one channel, one row.</summary>
internal sealed class PixelClassifier : Classifier
{
    internal PixelClassifier(int pixels, int classes, int height = 1)
        : base(new ClassifierShape(1, height, pixels / height, classes)) => Head = Register("fc", new Linear(pixels, classes));

    public override Linear Head { get; }

    /// <summary>A network whose logits are the pixels, in float64: what its loss is of, a test gives.</summary>
    internal static PixelClassifier OfLogits(long classes)
    {
        var network = new PixelClassifier((int)classes, (int)classes);
        network.To(DType.Float64);
        using var scope = new TensorScope();
        Set(network, "fc.weight", Tensor.Eye(classes, DType.Float64));
        Set(network, "fc.bias", Tensor.Zeros([classes], DType.Float64));
        return network;
    }

    /// <summary>Images [N,1,1,D] of features.</summary>
    internal static Tensor Images(Tensor features) => features.Reshape(features.Size(0), 1, 1, features.Size(1));

    /// <summary>Puts values into a parameter or buffer.</summary>
    internal static void Set(Module module, string name, Tensor value)
    {
        using var noGrad = GradMode.NoGrad();
        module.StateDict().Single(entry => entry.Name == name).Value.Copy_(value);
    }

    protected override Tensor FeaturesCore(Tensor images) => images.Flatten(1);
}
