namespace Sio.Torch.Nn;

/// <summary>A learnt row for each of n things: numbers [..] int64 → [.., d].</summary>
public sealed class Embedding : Module
{
    /// <summary>Makes the layer with PyTorch's initial weights: standard normal.</summary>
    /// <param name="count">n.</param>
    /// <param name="size">d.</param>
    /// <param name="generator">Makes the initial weights; the shared generator when left out.</param>
    public Embedding(int count, int size, Generator? generator = null) =>
        Weight = RegisterParameter("weight", Tensor.Empty([count, size]).Normal_(0, 1, generator));

    /// <summary>[n, d].</summary>
    public Tensor Weight { get; }

    /// <inheritdoc/>
    protected override Tensor ForwardCore(Tensor input) => Weight.Embedding(input);
}
