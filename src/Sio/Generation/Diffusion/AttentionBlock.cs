using Sio.Nn;
using static TorchSharp.torch;

namespace Sio.Generation.Diffusion;

/// <summary>
/// Self-attention between the pixels of an image, added to the image: [N,C,H,W] → [N,C,H,W] (Vaswani et al. 2017; Ho et al. 2020 brought it to U-Nets). Heads have about 64 channels.
/// </summary>
internal sealed class AttentionBlock : NamedModule<Tensor, Tensor>
{
    private const int HeadChannels = 64;

    private readonly int _heads;
    private readonly GroupNorm _norm;
    private readonly Conv2d _qkv;
    private readonly Conv2d _project;

    internal AttentionBlock(int channels, Generator? generator)
        : base(nameof(AttentionBlock))
    {
        _heads = Math.Max(1, channels / HeadChannels);
        while (channels % _heads != 0)
            _heads--;
        _norm = this.Register("norm", new GroupNorm(channels));
        _qkv = this.Register("qkv", new Conv2d(channels, 3 * channels, 1, generator: generator));
        _project = this.Register("project", ResidualBlock.Zeroed(new Conv2d(channels, channels, 1, generator: generator)));
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (count, channels, height, width) = (input.size(0), input.size(1), input.size(2), input.size(3));
        var size = channels / _heads;
        var qkv = _qkv.call(_norm.call(input)).reshape(count, 3, _heads, size, height * width);
        var products = (qkv.select(1, 0) * (1 / Math.Sqrt(size))).transpose(2, 3).matmul(qkv.select(1, 1));

        // A softmax in 16 bits would lose small weights: in float32, as PyTorch's autocast does it.
        var weights = (Precision.Current is null ? products : products.to(ScalarType.Float32)).softmax(3);
        var mixed = qkv.select(1, 2).matmul(weights.transpose(2, 3).to(qkv.dtype));
        return scope.MoveToOuter((input + _project.call(mixed.reshape(count, channels, height, width))) * ResidualBlock.HalfRoot);
    }
}
