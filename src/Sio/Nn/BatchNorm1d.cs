using static TorchSharp.torch;

namespace Sio.Nn;

/// <summary>
/// Batch normalisation of [N,C] per column. One row alone has no variance: in training it is normalised by the running statistics, too, and
/// leaves them as they are.
/// </summary>
/// <param name="channels">C.</param>
/// <param name="eps">Added to the variance.</param>
/// <param name="momentum">Weight of the new batch in the running statistics (PyTorch's sense: 0.1, not 0.9).</param>
public sealed class BatchNorm1d(int channels, double eps = 1e-5, double momentum = 0.1) : BatchNorm(nameof(BatchNorm1d), channels, eps, momentum)
{
    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Normalize(input, training && input.size(0) > 1);
    }
}
