using Sio.Torch;
using Sio.Torch.Nn;

namespace Sio.Generation.Gan;

/// <summary>
/// A residual block that doubles the image: [N,in,H,W] → [N,out,2H,2W]. The first convolution and the shortcut come before the enlargement, where they cost a quarter; the
/// enlargement is smooth, since repeated pixels leave a grid that takes long to unlearn.
/// </summary>
internal sealed class UpBlock : ConditionalModule
{
    private readonly ConditionalBatchNorm2d _bn1;
    private readonly Conv2d _conv1;
    private readonly ConditionalBatchNorm2d _bn2;
    private readonly Conv2d _conv2;
    private readonly Conv2d _shortcut;

    internal UpBlock(int inChannels, int outChannels, int classes, Generator? generator)
    {
        _bn1 = Register("bn1", new ConditionalBatchNorm2d(inChannels, classes));
        _conv1 = Register("conv1", new Conv2d(inChannels, outChannels, 3, padding: 1, bias: false, generator: generator));
        _bn2 = Register("bn2", new ConditionalBatchNorm2d(outChannels, classes));
        _conv2 = Register("conv2", new Conv2d(outChannels, outChannels, 3, padding: 1, generator: generator));
        _shortcut = Register("shortcut", new Conv2d(inChannels, outChannels, 1, bias: false, generator: generator));
    }

    protected override Tensor ForwardCore(Tensor input, Tensor condition)
    {
        var x = _conv1.Forward(_bn1.Forward(input, condition).Relu_()).UpsampleBilinear2d(2);
        x = _conv2.Forward(_bn2.Forward(x, condition).Relu_());
        return x.Add_(_shortcut.Forward(input).UpsampleBilinear2d(2));
    }
}
