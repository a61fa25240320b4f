using Sio.Nn;
using static TorchSharp.torch;

namespace Sio.Generation.Gan;

/// <summary>
/// A residual block of the discriminator: [N,in,H,W] → [N,out,H/2,W/2], or of the same size where it is told not to halve. The second convolution and the shortcut come after the
/// halving, where they cost a quarter. The first block of a network gets images and does not begin with a non-linearity.
/// </summary>
internal sealed class DownBlock : NamedModule<Tensor, Tensor>
{
    internal const double Slope = 0.2;

    private readonly bool _first;
    private readonly bool _halve;
    private readonly nn.Module<Tensor, Tensor> _conv1;
    private readonly nn.Module<Tensor, Tensor> _conv2;
    private readonly nn.Module<Tensor, Tensor> _shortcut;

    internal DownBlock(int inChannels, int outChannels, bool first, bool halve, bool spectral, Generator? generator)
        : base(nameof(DownBlock))
    {
        _first = first;
        _halve = halve;
        _conv1 = this.Register("conv1", Convolution(inChannels, outChannels, 3, bias: true));
        _conv2 = this.Register("conv2", Convolution(outChannels, outChannels, 3, bias: true));
        _shortcut = this.Register("shortcut", Convolution(inChannels, outChannels, 1, bias: false));

        nn.Module<Tensor, Tensor> Convolution(int from, int to, int kernel, bool bias) => spectral
            ? new SpectralConv2d(from, to, kernel, kernel / 2, bias, generator)
            : new Conv2d(from, to, kernel, padding: kernel / 2, bias: bias, generator: generator);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = nn.functional.leaky_relu(_conv1.call(_first ? input : nn.functional.leaky_relu(input, Slope)), Slope);
        return scope.MoveToOuter(_conv2.call(Halved(x)) + _shortcut.call(Halved(input)));
    }

    private Tensor Halved(Tensor x) => _halve ? nn.functional.avg_pool2d(x, 2) : x;
}
