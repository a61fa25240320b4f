using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>
/// One Gaussian per class with a common covariance, and one for all classes together: the squared Mahalanobis distances (f − μ)ᵀΣ⁺(f − μ) to them. Σ is divided by
/// the number of images; Σ⁺ is its pseudo-inverse, so directions in which the fit set does not vary count for nothing. In float64 and in chunks.
/// </summary>
/// <remarks>
/// Σ⁺ = PPᵀ with P the eigenvectors over the roots of their eigenvalues, so a distance is that of two points after multiplication with P.
/// Classes without images are left out: nothing is known of them.
/// </remarks>
internal sealed class ClassGaussians(FittedState state, Func<Tensor, Tensor>? prepare = null)
{
    private const string Centre = "mean";
    private const string Within = "whitening";
    private const string Overall = "overall_whitening";
    private const string Means = "whitened_class_means";
    private const int Chunk = 4096;

    // 2⁻⁵²; times the size and the largest eigenvalue it is the usual bound below which an eigenvalue counts as zero.
    private const double MachineEpsilon = 2.220446049250313e-16;

    /// <summary>Learns means and covariances.</summary>
    /// <param name="bank">Features and labels.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="overall">Whether to learn the Gaussian of all classes together, too.</param>
    /// <returns>What is wrong with the images, or null.</returns>
    public string? Fit(FeatureBank bank, int classes, bool overall)
    {
        var bad = Array.FindIndex(bank.Labels, label => label < 0 || label >= classes);
        if (bad >= 0)
            return FormattableString.Invariant($"image {bad} of {bank.Name} has the label {bank.Labels[bad]}, not one of the {classes} classes");
        if (bank.Count == 0)
            return "there are no images to fit on";

        var size = bank.Features.size(1);
        var labels = torch.tensor(Array.ConvertAll(bank.Labels, label => (long)label), [bank.Count]);
        var sums = torch.zeros([classes, size], dtype: ScalarType.Float64);
        Each(bank, (start, features) => sums.index_add_(0, labels.narrow(0, start, features.size(0)), features, 1));
        var counts = nn.functional.one_hot(labels, classes).sum(dim: 0).to(ScalarType.Float64).unsqueeze(1);
        var means = sums / counts.clamp(min: 1);
        var mean = sums.sum(dim: 0) / bank.Count;

        var within = torch.zeros([size, size], dtype: ScalarType.Float64);
        var total = torch.zeros([size, size], dtype: ScalarType.Float64);
        double length = 0;
        Each(bank, (start, features) =>
        {
            var centred = features - means.index_select(0, labels.narrow(0, start, features.size(0)));
            within.add_(centred.transpose(0, 1).matmul(centred));
            length += features.square().sum().ToDouble();
            if (overall)
            {
                centred = features - mean;
                total.add_(centred.transpose(0, 1).matmul(centred));
            }
        });

        if (Whitening(within, bank.Count, length) is not { } whitening)
            return "the features to fit on do not vary within the classes, so they have no covariance";
        state.Keep(Centre, mean);
        state.Keep(Within, whitening);
        if (overall)
            state.Keep(Overall, Whitening(total, bank.Count, length) ?? throw new InvalidOperationException("features vary within classes but not over all"));
        long[] present = [.. Enumerable.Range(0, classes).Where(bank.Labels.Contains).Select(c => (long)c)];
        state.Keep(Means, (means.index_select(0, torch.tensor(present, [present.Length])) - mean).matmul(whitening));
        return null;
    }

    /// <summary>For each image the squared distance to the nearest class, and to the Gaussian of all classes where that was learnt (else 0).</summary>
    public (double[] Nearest, double[] Overall) Distances(FeatureBank bank)
    {
        var (nearest, overall) = (new double[bank.Count], new double[bank.Count]);
        var means = state.Tensor(Means);
        var squares = means.square().sum(1);
        Each(bank, (start, features) =>
        {
            var centred = features - state.Tensor(Centre);
            var point = centred.matmul(state.Tensor(Within));

            // ‖p − m‖² = ‖p‖² − 2pᵀm + ‖m‖²: no N×C×D tensor.
            var distance = squares.addmm(point, means.transpose(0, 1), alpha: -2).amin([1]) + point.square().sum(1);
            distance.clamp(min: 0).CopyTo<double>(nearest.AsSpan(start, (int)features.size(0)));
            if (state.Tensors.TryGetValue(Overall, out var whitening))
                centred.matmul(whitening).square().sum(1).CopyTo<double>(overall.AsSpan(start, (int)features.size(0)));
        });
        return (nearest, overall);
    }

    // Null where there is nothing but rounding: a mean is off by some 1e-16 of the feature, its square by 1e-32.
    private static Tensor? Whitening(Tensor scatter, int count, double squaredLength)
    {
        var (values, vectors) = linalg.eigh(scatter);
        var spectrum = values.ToArray<double>();
        var largest = spectrum[^1];
        if (!(largest > 1e-24 * squaredLength))
            return null;
        var cutoff = largest * spectrum.Length * MachineEpsilon;
        var first = Array.FindIndex(spectrum, value => value > cutoff);
        var kept = spectrum.Length - first;
        return vectors.narrow(1, first, kept) / (values.narrow(0, first, kept) / count).sqrt();
    }

    private void Each(FeatureBank bank, Action<int, Tensor> work)
    {
        for (var start = 0; start < bank.Count; start += Chunk)
        {
            using var scope = NewDisposeScope();
            var features = bank.Features.narrow(0, start, Math.Min(Chunk, bank.Count - start)).to(ScalarType.Float64);
            work(start, prepare is null ? features : prepare(features));
        }
    }
}
