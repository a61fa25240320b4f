using System.ComponentModel.DataAnnotations;

namespace Sio.Detection.Detectors;

/// <summary>
/// Energy after cutting large features: log Σ_c e^(z'_c), z' = W min(f, t) + b, where t is a percentile of all feature values of the validation set. Sun, Guo
/// &amp; Li 2021, "ReAct: Out-of-distribution Detection With Rectified Activations", section 3, eq. 1.
/// </summary>
[CatalogEntry("react", "energy with features cut at a percentile", Paper = "Sun, Guo & Li 2021")]
public sealed class React : Detector
{
    private const string Threshold = "threshold";

    /// <summary>Percentile of the validation set's feature values that is the threshold t; 0 to 100.</summary>
    [Describe("Percentile of all validation feature values above which features are cut.")]
    [Range(0.0, 100.0)]
    [Grid(85, 90, 95, 99)]
    public double Percentile { get; init; } = 90;

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Features | DetectorNeeds.ValidationSet | DetectorNeeds.Head;

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        ActivationShaping.RefusePercentile(Name, "percentile", Percentile);
        FeatureBlocks.RefuseEmpty(fit.Validation!);
        State.KeepHead(fit);
        State.Keep(Threshold, Percentiles.Of(fit.Validation!.Features, Percentile)[0]);
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        var threshold = State.Number(Threshold);
        return ActivationShaping.Energies(bank, State.HeadWeight(), State.HeadBias(), features => features.clamp(max: threshold));
    }
}
