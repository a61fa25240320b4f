namespace Sio.Detection.Detectors;

/// <summary>
/// Mahalanobis distance to the nearest class: −min_c (f − μ_c)ᵀΣ⁻¹(f − μ_c), with the class means μ_c of the training images and their
/// common within-class covariance Σ, divided by N. Lee et al. 2018, "A Simple Unified Framework for Detecting Out-of-Distribution Samples and
/// Adversarial Attacks", eq. 1 and 2, on the penultimate feature.
/// </summary>
/// <remarks>A class without training images is left out; Σ⁻¹ is the pseudo-inverse where Σ has no inverse.</remarks>
[CatalogEntry("mds", "Mahalanobis distance to the nearest class mean", Paper = "Lee et al. 2018")]
public sealed class Mds : Detector
{
    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Features | DetectorNeeds.TrainingSet;

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (new ClassGaussians(State).Fit(fit.Train!, (int)fit.HeadWeight.size(0), overall: false) is { } problem)
            throw Refuse($"{problem}");
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank) =>
        Array.ConvertAll(new ClassGaussians(State).Distances(bank).Nearest, distance => (float)-distance);
}
