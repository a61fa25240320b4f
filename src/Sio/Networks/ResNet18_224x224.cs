using System.Globalization;
using Sio.Nn;
using static TorchSharp.torch;

namespace Sio.Networks;

/// <summary>
/// ResNet-18 for ImageNet (He et al. 2016, table 1): a 7×7 stem and a pooling that together quarter the image, four stages of two blocks with 64, 128, 256 and 512 channels, global average,
/// linear head. Layers and names are those of torchvision's <c>resnet18</c> and OpenOOD's network of this name, so that weights of both fit. 512 features. Other image sizes work, from 64×64.
/// </summary>
[CatalogEntry("resnet18_224x224", "ResNet-18 for 224×224 images, 11.7 M parameters at 1,000 classes, 512 features", Paper = "He et al. 2016")]
public sealed class ResNet18_224x224 : Classifier
{
    private const int LeastSide = 64;
    private const int Blocks = 2;
    private static readonly int[] s_channels = [64, 128, 256, 512];

    private readonly Conv2d _conv1;
    private readonly BatchNorm2d _bn1;
    private readonly TorchSharp.Modules.Sequential[] _stages;

    /// <summary>Makes the network with the peers' initial weights: convolutions normal with variance 2/(output channels · kernel²) (He et al. 2015), the head as PyTorch has it.</summary>
    /// <param name="shape">Images and classes.</param>
    /// <param name="generator">Makes the initial weights; the shared generator when null.</param>
    /// <exception cref="ArgumentException">The images are smaller than 64×64.</exception>
    public ResNet18_224x224(ClassifierShape shape, Generator? generator = null)
        : base(shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (Math.Min(shape.Height, shape.Width) < LeastSide)
            throw new ArgumentException($"resnet18_224x224 takes images from {LeastSide}×{LeastSide} on, not {shape.Height}×{shape.Width}");
        _conv1 = this.Register("conv1", new Conv2d(shape.Channels, s_channels[0], 7, stride: 2, padding: 3, bias: false, generator: generator));
        _bn1 = this.Register("bn1", new BatchNorm2d(s_channels[0]));
        _stages = new TorchSharp.Modules.Sequential[s_channels.Length];
        for (var i = 0; i < _stages.Length; i++)
        {
            var (before, stride) = i == 0 ? (s_channels[0], 1) : (s_channels[i - 1], 2);
            _stages[i] = this.Register(string.Create(CultureInfo.InvariantCulture, $"layer{i + 1}"), BasicBlock.Stage(before, s_channels[i], Blocks, stride, generator, shortcut: "downsample"));
        }

        Head = this.Register("fc", new Linear(s_channels[^1], shape.Classes, generator: generator));
        using var noGrad = no_grad();
        SpreadConvolutions(this, generator);
    }

    /// <inheritdoc/>
    public override Linear Head { get; }

    /// <inheritdoc/>
    public override bool TakesBlockedLayout => true;

    /// <inheritdoc/>
    protected override IReadOnlyList<nn.Module<Tensor, Tensor>> Stages => _stages;

    /// <inheritdoc/>
    protected override Tensor Stem(Tensor images) => nn.functional.max_pool2d(_bn1.call(_conv1.call(images)).relu_(), 3, stride: 2, padding: 1);

    /// <inheritdoc/>
    protected override Tensor FeaturesCore(Tensor images)
    {
        var x = Stem(images);
        foreach (var stage in _stages)
            x = stage.call(x);
        return nn.functional.adaptive_avg_pool2d(x, 1).flatten(1);
    }

    private static void SpreadConvolutions(nn.Module module, Generator? generator)
    {
        if (module is Conv2d { weight: var weight })
            weight.normal_(0, Math.Sqrt(2.0 / (weight.numel() / weight.size(1))), generator);
        foreach (var (_, child) in module.named_children())
            SpreadConvolutions(child, generator);
    }
}
