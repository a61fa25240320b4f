using Sio.Networks;
using Sio.Nn;
using static TorchSharp.torch;

namespace Sio.Tests.Training.Objectives;

/// <summary>A small network of few features for 28×28 images: means over 4×4 pixels, 48 hidden units, the features (which may be negative), a linear last layer.</summary>
internal sealed class NarrowClassifier : Classifier
{
    private readonly Linear _hidden;
    private readonly Linear _narrow;

    internal NarrowClassifier(int features, int classes, Generator generator)
        : base(new ClassifierShape(1, 28, 28, classes))
    {
        _hidden = this.Register("hidden", new Linear(49, 48, generator: generator));
        _narrow = this.Register("narrow", new Linear(48, features, generator: generator));
        Head = this.Register("fc", new Linear(features, classes, generator: generator));
    }

    public override Linear Head { get; }

    protected override Tensor FeaturesCore(Tensor images) => _narrow.call(_hidden.call(nn.functional.adaptive_avg_pool2d(images, 7).flatten(1)).relu());
}
