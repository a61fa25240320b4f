using System.ComponentModel.DataAnnotations;

namespace Sio.Detection.Detectors;

/// <summary>
/// Energy of pruned and scaled features: log Σ_c e^(z'_c), z' = W f' + b, f' = g · exp(Σf / Σg), where g is f with all but its k largest entries set to zero.
/// Djurisic et al. 2023, "Extremely Simple Activation Shaping for Out-of-Distribution Detection", algorithm 3 (ASH-S). Where Σg = 0 the factor is
/// 1, and the exponent is at most 80.
/// </summary>
[CatalogEntry("ash_s", "energy of the largest features, scaled up", Paper = "Djurisic et al. 2023")]
public sealed class AshS : Detector
{
    /// <summary>Per cent of the features that are pruned; k = D − D · percentile / 100, rounded half to even, and at least 1.</summary>
    [Describe("Percentage of the features that are pruned.")]
    [Range(0.0, 100.0)]
    [Grid(65, 70, 75, 80, 85, 90, 95)]
    public double Percentile { get; init; } = 90;

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
            return ActivationShaping.Only(features, top.indexes, top.values * ActivationShaping.Amplification(features, top.values));
        });
    }
}
