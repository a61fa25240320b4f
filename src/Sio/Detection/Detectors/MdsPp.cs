using static TorchSharp.torch;

namespace Sio.Detection.Detectors;

/// <summary>
/// Mahalanobis++: the Mahalanobis distance to the nearest class of features scaled to length 1, −min_c (f̂ − μ_c)ᵀΣ⁻¹(f̂ − μ_c) with f̂ = f/‖f‖ and μ_c and Σ
/// those of the training images' f̂. Müller &amp; Hein 2025, "Mahalanobis++: Improving OOD Detection via Feature Normalization", section 4: the length of
/// features differs between and within classes, which a common covariance cannot describe.
/// </summary>
/// <remarks>A class without training images is left out; a feature of length 0 keeps it; Σ⁻¹ is the pseudo-inverse where Σ has no inverse.</remarks>
[CatalogEntry("mds_pp", "Mahalanobis distance of features of length 1 to the nearest class mean", Paper = "Müller & Hein 2025")]
public sealed class MdsPp : Detector
{
    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Features | DetectorNeeds.TrainingSet;

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (new ClassGaussians(State, ToUnitLength).Fit(fit.Train!, (int)fit.HeadWeight.size(0), overall: false) is { } problem)
            throw Refuse($"{problem}");
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank) =>
        Array.ConvertAll(new ClassGaussians(State, ToUnitLength).Distances(bank).Nearest, distance => (float)-distance);

    private static Tensor ToUnitLength(Tensor features)
    {
        var norm = linalg.vector_norm(features, dims: [1], keepdim: true);
        return features / norm.masked_fill(norm.eq(0), 1);
    }
}
