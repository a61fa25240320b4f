using System.Globalization;
using Sio.Nn;
using static TorchSharp.torch;

namespace Sio.Networks;

/// <summary>
/// Residual networks for small images (He et al. 2016, section 4.2): a 3×3 stem without pooling, stages of basic blocks of which all but the first
/// halve the image, global average, linear head. Parameter names are OpenOOD's: conv1, bn1, layer1 …, fc.
/// </summary>
public abstract class SmallImageResNet : Classifier
{
    private readonly Conv2d _conv1;
    private readonly BatchNorm2d _bn1;
    private readonly TorchSharp.Modules.Sequential[] _stages;

    /// <summary>Makes the network with PyTorch's initial weights.</summary>
    /// <param name="shape">Images and classes.</param>
    /// <param name="blocks">Blocks per stage.</param>
    /// <param name="channels">Channels of each stage; the stem has the first's, the features the last's.</param>
    /// <param name="generator">Makes the initial weights; the shared generator when null.</param>
    private protected SmallImageResNet(ClassifierShape shape, int blocks, int[] channels, Generator? generator)
        : base(shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        _conv1 = this.Register("conv1", new Conv2d(shape.Channels, channels[0], 3, padding: 1, bias: false, generator: generator));
        _bn1 = this.Register("bn1", new BatchNorm2d(channels[0]));
        _stages = new TorchSharp.Modules.Sequential[channels.Length];
        for (var i = 0; i < channels.Length; i++)
        {
            var (before, stride) = i == 0 ? (channels[0], 1) : (channels[i - 1], 2);
            _stages[i] = this.Register(string.Create(CultureInfo.InvariantCulture, $"layer{i + 1}"), BasicBlock.Stage(before, channels[i], blocks, stride, generator));
        }

        Head = this.Register("fc", new Linear(channels[^1], shape.Classes, generator: generator));
    }

    /// <inheritdoc/>
    public sealed override Linear Head { get; }

    /// <inheritdoc/>
    public sealed override bool TakesBlockedLayout => true;

    /// <inheritdoc/>
    protected sealed override IReadOnlyList<nn.Module<Tensor, Tensor>> Stages => _stages;

    /// <inheritdoc/>
    protected sealed override Tensor Stem(Tensor images) => _bn1.call(_conv1.call(images)).relu_();

    /// <inheritdoc/>
    protected sealed override Tensor FeaturesCore(Tensor images)
    {
        var x = Stem(images);
        foreach (var stage in _stages)
            x = stage.call(x);
        return nn.functional.adaptive_avg_pool2d(x, 1).flatten(1);
    }
}
