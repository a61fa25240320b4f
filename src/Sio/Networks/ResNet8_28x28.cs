using Sio.Torch;
using Sio.Torch.Nn;

namespace Sio.Networks;

/// <summary>
/// A small residual network for 28×28 images: He et al. 2016, section 4.2, with n = 1: a 3×3 stem, three stages of one block with 16, 32
/// and 64 channels, global average, linear head. 64 features. Trains on a CPU in a minute; other image sizes work, from 4×4.
/// </summary>
[CatalogEntry("resnet8_28x28", "small ResNet (16-32-64) for 28×28 images, 78 k parameters, 64 features", Paper = "He et al. 2016")]
public sealed class ResNet8_28x28 : Classifier
{
    private readonly Conv2d _conv1;
    private readonly BatchNorm2d _bn1;
    private readonly Sequential[] _stages;

    /// <summary>Makes the network with PyTorch's initial weights.</summary>
    public ResNet8_28x28(ClassifierShape shape, Generator? generator = null)
        : base(shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        _conv1 = Register("conv1", new Conv2d(shape.Channels, 16, 3, padding: 1, bias: false, generator: generator));
        _bn1 = Register("bn1", new BatchNorm2d(16));
        _stages =
        [
            Register("layer1", BasicBlock.Stage(16, 16, 1, 1, generator)),
            Register("layer2", BasicBlock.Stage(16, 32, 1, 2, generator)),
            Register("layer3", BasicBlock.Stage(32, 64, 1, 2, generator)),
        ];
        Head = Register("fc", new Linear(64, shape.Classes, generator: generator));
    }

    /// <inheritdoc/>
    public override Linear Head { get; }

    /// <inheritdoc/>
    protected override IReadOnlyList<Module> Stages => _stages;

    /// <inheritdoc/>
    protected override Tensor Stem(Tensor images) => _bn1.Forward(_conv1.Forward(images)).Relu_();

    /// <inheritdoc/>
    protected override Tensor FeaturesCore(Tensor images)
    {
        var x = Stem(images);
        foreach (var stage in _stages)
            x = stage.Forward(x);
        return x.AdaptiveAvgPool2d(1).Flatten(1);
    }
}
