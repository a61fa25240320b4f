using Sio.Nn;
using static TorchSharp.torch;

namespace Sio.Generation.Diffusion;

/// <summary>
/// A block of the U-Net: images [N,in,H,W] and embeddings [N,e] → [N,out,H',W']: group norm, SiLU, convolution, group norm whose scale and shift the embedding says, SiLU,
/// dropout, convolution, all added to the input; then attention where wanted (the block of Karras et al. 2022, figure 8, with the scale and shift that ADM has there; Dhariwal &amp; Nichol 2021). Sums are divided by √2, so that variances stay.
/// </summary>
internal sealed class ResidualBlock : NamedModule<Tensor, Tensor, Tensor>
{
    internal static readonly double HalfRoot = Math.Sqrt(0.5);

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
        : base(nameof(ResidualBlock))
    {
        (_resampling, _dropout, _channels) = (resampling, dropout, outChannels);
        _norm1 = this.Register("norm1", new GroupNorm(inChannels));
        _conv1 = this.Register("conv1", new Conv2d(inChannels, outChannels, 3, padding: 1, generator: generator));
        _modulation = this.Register("modulation", new Linear(embedding, 2 * outChannels, generator: generator));
        _norm2 = this.Register("norm2", new GroupNorm(outChannels));
        // At first the block does nothing but pass its input on.
        _conv2 = this.Register("conv2", Zeroed(new Conv2d(outChannels, outChannels, 3, padding: 1, generator: generator)));
        if (inChannels != outChannels)
            _shortcut = this.Register("shortcut", new Conv2d(inChannels, outChannels, 1, generator: generator));
        if (attention)
            _attention = this.Register("attention", new AttentionBlock(outChannels, generator));
    }

    /// <summary>x / (1 + e^−x).</summary>
    internal static Tensor Silu(Tensor x) => nn.functional.silu(x);

    /// <summary>The same convolution with weights and biases of zero.</summary>
    internal static Conv2d Zeroed(Conv2d convolution)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var value in convolution.parameters())
            value.zero_();
        return convolution;
    }

    public override Tensor forward(Tensor input, Tensor condition)
    {
        using var scope = NewDisposeScope();
        var x = _conv1.call(_resampling.Apply(Silu(_norm1.call(input))));
        var rows = _modulation.call(condition).unsqueeze(2).unsqueeze(3);
        var (scale, shift) = (rows.narrow(1, 0, _channels) + 1, rows.narrow(1, _channels, _channels));
        x = Silu(shift.addcmul(_norm2.call(x), scale, 1));
        x = _conv2.call(_dropout.Apply(x));
        var passed = _resampling.Apply(input);
        x = (x + (_shortcut?.call(passed) ?? passed)) * HalfRoot;
        return scope.MoveToOuter(_attention?.call(x) ?? x);
    }
}
