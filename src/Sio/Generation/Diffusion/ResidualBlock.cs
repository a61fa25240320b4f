using Sio.Torch;
using Sio.Torch.Nn;

namespace Sio.Generation.Diffusion;

/// <summary>
/// A block of the U-Net: images [N,in,H,W] and embeddings [N,e] → [N,out,H',W']: group norm, SiLU, convolution, group norm whose scale and shift the embedding says, SiLU,
/// dropout, convolution, all added to the input; then attention where wanted (the block of Karras et al. 2022, figure 8, with the scale and shift that ADM has there; Dhariwal &amp; Nichol 2021). Sums are divided by √2, so that variances stay.
/// </summary>
internal sealed class ResidualBlock : ConditionalModule
{
    internal static readonly double HalfRoot = Math.Sqrt(0.5);

    private static readonly Operator s_silu = new("silu");

    private readonly Resampling _resampling;
    private readonly Dropout _dropout;
    private readonly int _channels;
    private readonly GroupNorm _norm1;
    private readonly Conv2d _conv1;
    private readonly Linear _modulation;
    private readonly GroupNorm _norm2;
    private readonly Conv2d _conv2;
    private readonly Conv2d? _shortcut;
    private readonly AttentionBlock? _attention;

    internal ResidualBlock(int inChannels, int outChannels, int embedding, Dropout dropout, Resampling resampling, bool attention, Generator? generator)
    {
        (_resampling, _dropout, _channels) = (resampling, dropout, outChannels);
        _norm1 = Register("norm1", new GroupNorm(inChannels));
        _conv1 = Register("conv1", new Conv2d(inChannels, outChannels, 3, padding: 1, generator: generator));
        _modulation = Register("modulation", new Linear(embedding, 2 * outChannels, generator: generator));
        _norm2 = Register("norm2", new GroupNorm(outChannels));
        // At first the block does nothing but pass its input on.
        _conv2 = Register("conv2", Zeroed(new Conv2d(outChannels, outChannels, 3, padding: 1, generator: generator)));
        if (inChannels != outChannels)
            _shortcut = Register("shortcut", new Conv2d(inChannels, outChannels, 1, generator: generator));
        if (attention)
            _attention = Register("attention", new AttentionBlock(outChannels, generator));
    }

    /// <summary>x / (1 + e^−x).</summary>
    internal static Tensor Silu(Tensor x) => s_silu.Call(x);

    /// <summary>The same convolution with weights and biases of zero.</summary>
    internal static Conv2d Zeroed(Conv2d convolution)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.NoGrad();
        foreach (var value in convolution.Parameters())
            value.Zero_();
        return convolution;
    }

    protected override Tensor ForwardCore(Tensor input, Tensor condition)
    {
        var x = _conv1.Forward(_resampling.Apply(Silu(_norm1.Forward(input))));
        var rows = _modulation.Forward(condition).Unsqueeze(2).Unsqueeze(3);
        var (scale, shift) = (rows.Narrow(1, 0, _channels) + 1, rows.Narrow(1, _channels, _channels));
        x = Silu(shift.AddCMul(_norm2.Forward(x), scale));
        x = _conv2.Forward(_dropout.Apply(x));
        var passed = _resampling.Apply(input);
        x = (x + (_shortcut?.Forward(passed) ?? passed)) * HalfRoot;
        return _attention?.Forward(x) ?? x;
    }
}
