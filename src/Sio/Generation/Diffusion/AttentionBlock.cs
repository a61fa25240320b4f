using Sio.Torch;
using Sio.Torch.Nn;

namespace Sio.Generation.Diffusion;

/// <summary>
/// Self-attention between the pixels of an image, added to the image: [N,C,H,W] → [N,C,H,W] (Vaswani et al. 2017; Ho et al. 2020 brought it to U-Nets). Heads have about 64 channels.
/// </summary>
internal sealed class AttentionBlock : Module
{
    private const int HeadChannels = 64;

    private readonly int _heads;
    private readonly GroupNorm _norm;
    private readonly Conv2d _qkv;
    private readonly Conv2d _project;

    internal AttentionBlock(int channels, Generator? generator)
    {
        _heads = Math.Max(1, channels / HeadChannels);
        while (channels % _heads != 0)
            _heads--;
        _norm = Register("norm", new GroupNorm(channels));
        _qkv = Register("qkv", new Conv2d(channels, 3 * channels, 1, generator: generator));
        _project = Register("project", ResidualBlock.Zeroed(new Conv2d(channels, channels, 1, generator: generator)));
    }

    protected override Tensor ForwardCore(Tensor input)
    {
        var (count, channels, height, width) = (input.Size(0), input.Size(1), input.Size(2), input.Size(3));
        var size = channels / _heads;
        var qkv = _qkv.Forward(_norm.Forward(input)).Reshape(count, 3, _heads, size, height * width);
        var weights = (qkv.Select(1, 0) * (1 / Math.Sqrt(size))).Transpose(2, 3).MatMul(qkv.Select(1, 1)).Softmax(3);
        var mixed = qkv.Select(1, 2).MatMul(weights.Transpose(2, 3).To(qkv.DType));
        return (input + _project.Forward(mixed.Reshape(count, channels, height, width))) * ResidualBlock.HalfRoot;
    }
}
