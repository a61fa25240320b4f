using Sio.Engine;
using Sio.Nn;
using static TorchSharp.torch;

namespace Sio.Networks;

/// <summary>
/// Two 3×3 convolutions with batch norm and a shortcut around them (He et al. 2016, figure 2), the shortcut a 1×1 convolution where the
/// shape changes. Parameter names are OpenOOD's, and torchvision's but for the shortcut's.
/// </summary>
internal sealed class BasicBlock : NamedModule<Tensor, Tensor>
{
    private readonly Conv2d _conv1;
    private readonly BatchNorm2d _bn1;
    private readonly Conv2d _conv2;
    private readonly BatchNorm2d _bn2;
    private readonly TorchSharp.Modules.Sequential? _shortcut;

    /// <param name="inChannels">Channels of the input.</param>
    /// <param name="outChannels">Channels of the output.</param>
    /// <param name="stride">2 halves the image.</param>
    /// <param name="generator">Makes the initial weights; the shared generator when null.</param>
    /// <param name="shortcut">What the shortcut's parameters are called.</param>
    internal BasicBlock(int inChannels, int outChannels, int stride, Generator? generator, string shortcut = "shortcut")
        : base(nameof(BasicBlock))
    {
        _conv1 = this.Register("conv1", new Conv2d(inChannels, outChannels, 3, stride, padding: 1, bias: false, generator));
        _bn1 = this.Register("bn1", new BatchNorm2d(outChannels));
        _conv2 = this.Register("conv2", new Conv2d(outChannels, outChannels, 3, padding: 1, bias: false, generator: generator));
        _bn2 = this.Register("bn2", new BatchNorm2d(outChannels));
        if (stride != 1 || inChannels != outChannels)
        {
            _shortcut = this.Register(shortcut, nn.Sequential(new Conv2d(inChannels, outChannels, 1, stride, bias: false, generator: generator), new BatchNorm2d(outChannels)));
        }
    }

    /// <summary>A stage of blocks, of which the first changes the shape.</summary>
    internal static TorchSharp.Modules.Sequential Stage(int inChannels, int outChannels, int blocks, int stride, Generator? generator, string shortcut = "shortcut") => nn.Sequential(
        [.. Enumerable.Range(0, blocks).Select(i => new BasicBlock(i == 0 ? inChannels : outChannels, outChannels, i == 0 ? stride : 1, generator, shortcut))]);

    // In place where autograd does not need the value again: batch norm keeps its input, not its output.
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = _bn1.call(_conv1.call(input)).relu_();
        x = _bn2.call(_conv2.call(x));
        return scope.MoveToOuter(x.add_(_shortcut is null ? input : _shortcut.call(input), Scalars.One).relu_());
    }
}
