namespace Sio.Detection.Detectors;

/// <summary>
/// Mahalanobis distance to the nearest class, relative to that from all images: −min_c [(f − μ_c)ᵀΣ⁻¹(f − μ_c) − (f − μ)ᵀΣ₀⁻¹(f − μ)], with class means μ_c, within-class
/// covariance Σ, mean μ and covariance Σ₀ of all training images, covariances divided by N. Ren et al. 2021, "A Simple Fix to Mahalanobis Distance
/// for Improving Near-OOD Detection", eq. 2 and 3.
/// </summary>
/// <remarks>A class without training images is left out; inverses are pseudo-inverses where there is none.</remarks>
[CatalogEntry("rmds", "Mahalanobis distance to the nearest class mean, less that from all images", Paper = "Ren et al. 2021")]
public sealed class Rmds : Detector
{
    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Features | DetectorNeeds.TrainingSet;

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (new ClassGaussians(State).Fit(fit.Train!, (int)fit.HeadWeight.size(0), overall: true) is { } problem)
            throw Refuse($"{problem}");
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        var (nearest, overall) = new ClassGaussians(State).Distances(bank);
        return [.. nearest.Zip(overall, (own, all) => (float)(all - own))];
    }
}
