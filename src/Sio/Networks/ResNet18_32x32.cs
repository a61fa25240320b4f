using Sio.Torch;
using Sio.Torch.Nn;

namespace Sio.Networks;

/// <summary>
/// ResNet-18 for 32×32 images (He et al. 2016, in the form used on CIFAR): a 3×3 stem without pooling, four stages of two blocks with
/// 64, 128, 256 and 512 channels, global average, linear head. Layers and names are those of OpenOOD's network of this name,
/// so its weights fit. 512 features. Other image sizes work, from 8×8.
/// </summary>
[CatalogEntry("resnet18_32x32", "ResNet-18 for 32×32 images, 11.2 M parameters, 512 features", Paper = "He et al. 2016")]
public sealed class ResNet18_32x32 : Classifier
{
    private readonly Conv2d _conv1;
    private readonly BatchNorm2d _bn1;
    private readonly Sequential[] _stages;

    /// <summary>Makes the network with PyTorch's initial weights.</summary>
    public ResNet18_32x32(ClassifierShape shape, Generator? generator = null)
        : base(shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        _conv1 = Register("conv1", new Conv2d(shape.Channels, 64, 3, padding: 1, bias: false, generator: generator));
        _bn1 = Register("bn1", new BatchNorm2d(64));
        _stages =
        [
            Register("layer1", BasicBlock.Stage(64, 64, 2, 1, generator)),
            Register("layer2", BasicBlock.Stage(64, 128, 2, 2, generator)),
            Register("layer3", BasicBlock.Stage(128, 256, 2, 2, generator)),
            Register("layer4", BasicBlock.Stage(256, 512, 2, 2, generator)),
        ];
        Head = Register("fc", new Linear(512, shape.Classes, generator: generator));
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
