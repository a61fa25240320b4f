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
