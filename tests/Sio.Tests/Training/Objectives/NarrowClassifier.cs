using Sio.Networks;
using Sio.Torch;
using Sio.Torch.Nn;

namespace Sio.Tests.Training.Objectives;

/// <summary>A small network of few features for 28×28 images: means over 4×4 pixels, 48 hidden units, the features (which may be negative), a linear last layer.</summary>
internal sealed class NarrowClassifier : Classifier
{
    private readonly Linear _hidden;
    private readonly Linear _narrow;

    internal NarrowClassifier(int features, int classes, Generator generator)
        : base(new ClassifierShape(1, 28, 28, classes))
    {
        _hidden = Register("hidden", new Linear(49, 48, generator: generator));
        _narrow = Register("narrow", new Linear(48, features, generator: generator));
        Head = Register("fc", new Linear(features, classes, generator: generator));
    }

    public override Linear Head { get; }

    protected override Tensor FeaturesCore(Tensor images) => _narrow.Forward(_hidden.Forward(images.AdaptiveAvgPool2d(7).Flatten(1)).Relu());
}
