using System.ComponentModel.DataAnnotations;

namespace Sio.Detection.Detectors;

/// <summary>
/// Energy after lifting small and cutting large features: log Σ_c e^(z'_c), z' = W clip(f, lo, hi) + b, where lo and hi are percentiles of all feature values
/// of the validation set. Xu et al. 2023, "VRA: Variational Rectified Activation for Out-of-distribution Detection", as OpenOOD
/// computes it: the paper's own piecewise function sets features below lo to zero, OpenOOD's to lo.
/// </summary>
[CatalogEntry("vra", "energy with features clipped between two percentiles", Paper = "Xu et al. 2023")]
public sealed class Vra : Detector
{
    private const string Low = "threshold_low";
    private const string High = "threshold_high";

    /// <summary>Percentile of the validation set's feature values that is lo; 0 to 100, not above <see cref="PercentileHigh"/>.</summary>
    [Describe("Percentile of all validation feature values below which features are lifted.")]
    [Range(0.0, 100.0)]
    [Grid(1, 5, 10, 15)]
    public double PercentileLow { get; init; } = 10;

    /// <summary>Percentile of the validation set's feature values that is hi; 0 to 100.</summary>
    [Describe("Percentile of all validation feature values above which features are cut.")]
    [Range(0.0, 100.0)]
    [Grid(85, 90, 95, 99)]
    public double PercentileHigh { get; init; } = 90;

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Features | DetectorNeeds.ValidationSet | DetectorNeeds.Head;

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        ActivationShaping.RefusePercentile(Name, "percentile_low", PercentileLow);
        ActivationShaping.RefusePercentile(Name, "percentile_high", PercentileHigh);
        if (PercentileLow > PercentileHigh)
            throw Refuse($"percentile_low is {PercentileLow}, above percentile_high, {PercentileHigh}");
        FeatureBlocks.RefuseEmpty(fit.Validation!);
        State.KeepHead(fit);
        var thresholds = Percentiles.Of(fit.Validation!.Features, PercentileLow, PercentileHigh);
        State.Keep(Low, thresholds[0]);
        State.Keep(High, thresholds[1]);
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        var (low, high) = (State.Number(Low), State.Number(High));
        return ActivationShaping.Energies(bank, State.HeadWeight(), State.HeadBias(), features => features.clamp(low, high));
    }
}
