using System.ComponentModel.DataAnnotations;

namespace Sio.Detection.Detectors;

/// <summary>
/// Energy of the pruned features: log Σ_c e^(z'_c), z' = W f' + b, f' = f with all but its k largest entries set to zero. Djurisic et al. 2023, "Extremely
/// Simple Activation Shaping for Out-of-Distribution Detection", algorithm 1 (ASH-P).
/// </summary>
[CatalogEntry("ash_p", "energy of the largest features, the others pruned", Paper = "Djurisic et al. 2023")]
public sealed class AshP : Detector
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
            return ActivationShaping.Only(features, top.indexes, top.values);
        });
    }
}
