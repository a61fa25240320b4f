using Sio.Nn;
using static TorchSharp.torch;

namespace Sio.Generation.Gan;

/// <summary>
/// A residual block that doubles the image: [N,in,H,W] → [N,out,2H,2W]. The first convolution and the shortcut come before the enlargement, where they cost a quarter; the
/// enlargement is smooth, since repeated pixels leave a grid that takes long to unlearn.
/// </summary>
internal sealed class UpBlock : NamedModule<Tensor, Tensor, Tensor>
{
    private readonly ConditionalBatchNorm2d _bn1;
    private readonly Conv2d _conv1;
    private readonly ConditionalBatchNorm2d _bn2;
    private readonly Conv2d _conv2;
    private readonly Conv2d _shortcut;

    internal UpBlock(int inChannels, int outChannels, int classes, Generator? generator)
        : base(nameof(UpBlock))
    {
        _bn1 = this.Register("bn1", new ConditionalBatchNorm2d(inChannels, classes));
        _conv1 = this.Register("conv1", new Conv2d(inChannels, outChannels, 3, padding: 1, bias: false, generator: generator));
        _bn2 = this.Register("bn2", new ConditionalBatchNorm2d(outChannels, classes));
        _conv2 = this.Register("conv2", new Conv2d(outChannels, outChannels, 3, padding: 1, generator: generator));
        _shortcut = this.Register("shortcut", new Conv2d(inChannels, outChannels, 1, bias: false, generator: generator));
    }

    public override Tensor forward(Tensor input, Tensor condition)
    {
        using var scope = NewDisposeScope();
        var x = nn.functional.interpolate(_conv1.call(_bn1.call(input, condition).relu_()), scale_factor: [2, 2], mode: InterpolationMode.Bilinear, align_corners: false);
        x = _conv2.call(_bn2.call(x, condition).relu_());
        return scope.MoveToOuter(x.add_(nn.functional.interpolate(_shortcut.call(input), scale_factor: [2, 2], mode: InterpolationMode.Bilinear, align_corners: false)));
    }
}
