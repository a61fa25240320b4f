using System.ComponentModel.DataAnnotations;

namespace Sio.Detection.Detectors;

/// <summary>
/// Energy of scaled features: log Σ_c e^(z'_c), z' = W f' + b, f' = f · exp(Σf / Σ of the k largest entries of f); unlike ASH-S nothing is pruned. Xu et al. 2024,
/// "Scaling for Training Time and Post-hoc Out-of-distribution Detection Enhancement" (SCALE). Where the largest sum to 0 the factor is 1, and the
/// exponent is at most 80.
/// </summary>
[CatalogEntry("scale", "energy of features scaled by what their largest make up", Paper = "Xu et al. 2024")]
public sealed class Scale : Detector
{
    /// <summary>Per cent of the features that are not among the largest; k = D − D · percentile / 100, rounded half to even, and at least 1.</summary>
    [Describe("Percentage of the features that are not among the largest.")]
    [Range(0.0, 100.0)]
    [Grid(65, 70, 75, 80, 85, 90, 95)]
    public double Percentile { get; init; } = 85;

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Features | DetectorNeeds.Head;

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        _ = ActivationShaping.Kept(Name, fit.HeadWeight.size(1), Percentile);
        State.KeepHead(fit);
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        var kept = ActivationShaping.Kept(Name, State.FeatureSize, Percentile);
        return ActivationShaping.Energies(bank, State.HeadWeight(), State.HeadBias(), features =>
        {
            var top = features.topk((int)kept, dim: 1, sorted: false);
            return features * ActivationShaping.Amplification(features, top.values);
        });
    }
}
