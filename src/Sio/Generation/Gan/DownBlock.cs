using Sio.Torch;
using Sio.Torch.Nn;

namespace Sio.Generation.Gan;

/// <summary>
/// A residual block of the discriminator: [N,in,H,W] → [N,out,H/2,W/2], or of the same size where it is told not to halve. The second convolution and the shortcut come after the
/// halving, where they cost a quarter. The first block of a network gets images and does not begin with a non-linearity.
/// </summary>
internal sealed class DownBlock : Module
{
    internal const double Slope = 0.2;

    private readonly bool _first;
    private readonly bool _halve;
    private readonly Module _conv1;
    private readonly Module _conv2;
    private readonly Module _shortcut;

    internal DownBlock(int inChannels, int outChannels, bool first, bool halve, bool spectral, Generator? generator)
    {
        _first = first;
        _halve = halve;
        _conv1 = Register("conv1", Convolution(inChannels, outChannels, 3, bias: true));
        _conv2 = Register("conv2", Convolution(outChannels, outChannels, 3, bias: true));
        _shortcut = Register("shortcut", Convolution(inChannels, outChannels, 1, bias: false));

        Module Convolution(int from, int to, int kernel, bool bias) => spectral
            ? new SpectralConv2d(from, to, kernel, kernel / 2, bias, generator)
            : new Conv2d(from, to, kernel, padding: kernel / 2, bias: bias, generator: generator);
    }

    protected override Tensor ForwardCore(Tensor input)
    {
        var x = _conv1.Forward(_first ? input : input.LeakyRelu(Slope)).LeakyRelu(Slope);
        return _conv2.Forward(Halved(x)) + _shortcut.Forward(Halved(input));
    }

    private Tensor Halved(Tensor x) => _halve ? x.AvgPool2d(2) : x;
}
