using Sio.Torch;

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

    private static readonly Operator s_eigh = new("linalg_eigh");
    private static readonly Operator s_indexAdd_ = new("index_add_");

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

        var size = bank.Features.Size(1);
        var labels = Tensor.From(Array.ConvertAll(bank.Labels, label => (long)label), bank.Count);
        var sums = Tensor.Zeros([classes, size], DType.Float64);
        Each(bank, (start, features) => s_indexAdd_.Call(sums, 0, labels.Narrow(0, start, features.Size(0)), features));
        var counts = labels.OneHot(classes).Sum(0).To(DType.Float64).Unsqueeze(1);
        var means = sums / counts.Clamp(min: 1);
        var mean = sums.Sum(0) / bank.Count;

        var within = Tensor.Zeros([size, size], DType.Float64);
        var total = Tensor.Zeros([size, size], DType.Float64);
        double length = 0;
        Each(bank, (start, features) =>
        {
            var centred = features - means.IndexSelect(0, labels.Narrow(0, start, features.Size(0)));
            within.Add_(centred.Transpose(0, 1).MatMul(centred));
            length += features.Square().Sum().Item().ToDouble();
            if (overall)
            {
                centred = features - mean;
                total.Add_(centred.Transpose(0, 1).MatMul(centred));
            }
        });

        if (Whitening(within, bank.Count, length) is not { } whitening)
            return "the features to fit on do not vary within the classes, so they have no covariance";
        state.Keep(Centre, mean);
        state.Keep(Within, whitening);
        if (overall)
            state.Keep(Overall, Whitening(total, bank.Count, length) ?? throw new InvalidOperationException("features vary within classes but not over all"));
        long[] present = [.. Enumerable.Range(0, classes).Where(bank.Labels.Contains).Select(c => (long)c)];
        state.Keep(Means, (means.IndexSelect(0, Tensor.From(present, present.Length)) - mean).MatMul(whitening));
        return null;
    }

    /// <summary>For each image the squared distance to the nearest class, and to the Gaussian of all classes where that was learnt (else 0).</summary>
    public (double[] Nearest, double[] Overall) Distances(FeatureBank bank)
    {
        var (nearest, overall) = (new double[bank.Count], new double[bank.Count]);
        var means = state.Tensor(Means);
        var squares = means.Square().Sum(1);
        Each(bank, (start, features) =>
        {
            var centred = features - state.Tensor(Centre);
            var point = centred.MatMul(state.Tensor(Within));

            // ‖p − m‖² = ‖p‖² − 2pᵀm + ‖m‖²: no N×C×D tensor.
            var distance = squares.AddMm(point, means.Transpose(0, 1), alpha: -2).Amin([1]) + point.Square().Sum(1);
            distance.Clamp(min: 0).CopyTo<double>(nearest.AsSpan(start, (int)features.Size(0)));
            if (state.Tensors.TryGetValue(Overall, out var whitening))
                centred.MatMul(whitening).Square().Sum(1).CopyTo<double>(overall.AsSpan(start, (int)features.Size(0)));
        });
        return (nearest, overall);
    }

    // Null where there is nothing but rounding: a mean is off by some 1e-16 of the feature, its square by 1e-32.
    private static Tensor? Whitening(Tensor scatter, int count, double squaredLength)
    {
        var (values, vectors) = s_eigh.CallPair(scatter, "L");
        var spectrum = values.ToArray<double>();
        var largest = spectrum[^1];
        if (!(largest > 1e-24 * squaredLength))
            return null;
        var cutoff = largest * spectrum.Length * MachineEpsilon;
        var first = Array.FindIndex(spectrum, value => value > cutoff);
        var kept = spectrum.Length - first;
        return vectors.Narrow(1, first, kept) / (values.Narrow(0, first, kept) / count).Sqrt();
    }

    private void Each(FeatureBank bank, Action<int, Tensor> work)
    {
        for (var start = 0; start < bank.Count; start += Chunk)
        {
            using var scope = new TensorScope();
            var features = bank.Features.Narrow(0, start, Math.Min(Chunk, bank.Count - start)).To(DType.Float64);
            work(start, prepare is null ? features : prepare(features));
        }
    }
}
