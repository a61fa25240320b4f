using static TorchSharp.torch;

namespace Sio.Nn;

/// <summary>Batch normalisation of [N,C,H,W] per channel.</summary>
/// <param name="channels">C.</param>
/// <param name="eps">Added to the variance.</param>
/// <param name="momentum">Weight of the new batch in the running statistics (PyTorch's sense: 0.1, not 0.9).</param>
public sealed class BatchNorm2d(int channels, double eps = 1e-5, double momentum = 0.1) : BatchNorm(nameof(BatchNorm2d), channels, eps, momentum)
{
    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);

        // Another owner of the same tensor: TorchSharp's Sequential disposes what it has handed on.
        return BatchNormFolding.Current?.Holds(this) == true ? input.alias() : Normalize(input, training);
    }
}
