using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>
/// Class means and common within-class covariance Σ (divided by the number of points) of points that come in pieces and are not kept: one pass, memory for C×c and
/// c×c numbers. In float64, about the first piece's mean, so that little is lost to cancellation.
/// </summary>
internal sealed class StreamedGaussians : IDisposable
{
    // Points come from float32 values, which are exact to 6e-8 of their size: variance below (3e-7)² of the mean square is rounding.
    private const double Rounding = 1e-13;
    private const double MachineEpsilon = 2.220446049250313e-16;

    private readonly Tensor _shift;
    private readonly Tensor _sums;
    private readonly Tensor _products;
    private readonly double[] _counts;
    private double _squaredLength;

    /// <summary>Prepares for points like those of the first piece, [n,c] float64, which is not added yet.</summary>
    public StreamedGaussians(int classes, Tensor first)
    {
        var size = first.size(1);
        _shift = first.mean([0]).DetachFromDisposeScope();
        _sums = torch.zeros([classes, size], dtype: ScalarType.Float64).DetachFromDisposeScope();
        _products = torch.zeros([size, size], dtype: ScalarType.Float64).DetachFromDisposeScope();
        _counts = new double[classes];
    }

    /// <summary>Adds points [n,c] float64 of the classes given.</summary>
    public void Add(Tensor points, ReadOnlySpan<int> labels)
    {
        var shifted = points - _shift;
        var index = new long[labels.Length];
        for (var i = 0; i < index.Length; i++)
        {
            index[i] = labels[i];
            _counts[labels[i]]++;
        }

        _sums.index_add_(0, torch.tensor(index, [index.Length]), shifted, 1);
        _products.add_(shifted.transpose(0, 1).matmul(shifted));
        _squaredLength += points.square().sum().ToDouble();
    }

    /// <summary>
    /// The mean of all points [c], P [c,k] with PPᵀ the pseudo-inverse of Σ, and the means of the classes that have points, less the mean of all and times P, [C′,k].
    /// Null where the points do not vary within the classes.
    /// </summary>
    public (Tensor Centre, Tensor Whitening, Tensor Means)? Finish()
    {
        var total = _counts.Sum();
        long[] present = [.. Enumerable.Range(0, _counts.Length).Where(c => _counts[c] > 0).Select(c => (long)c)];
        var which = torch.tensor(present, [present.Length]);
        var sums = _sums.index_select(0, which);
        var means = sums / torch.tensor(_counts, [_counts.Length, 1]).index_select(0, which);
        var (values, vectors) = linalg.eigh(_products - sums.transpose(0, 1).matmul(means));
        var spectrum = values.ToArray<double>();
        var cutoff = Math.Max(Rounding * _squaredLength, spectrum[^1] * spectrum.Length * MachineEpsilon);
        var first = Array.FindIndex(spectrum, value => value > cutoff);
        if (first < 0)
            return null;
        var kept = spectrum.Length - first;
        var whitening = vectors.narrow(1, first, kept) / (values.narrow(0, first, kept) / total).sqrt();
        var mean = _sums.sum(dim: 0) / total;
        return (_shift + mean, whitening, (means - mean).matmul(whitening));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _shift.Dispose();
        _sums.Dispose();
        _products.Dispose();
    }
}
