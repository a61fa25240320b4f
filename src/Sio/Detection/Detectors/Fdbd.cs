using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection.Detectors;

/// <summary>
/// Distance to the decision boundaries between the predicted class ŷ and the others, over the distance to the centre of the training set:
/// Σ_c |z_c − z_ŷ| / ‖w_c − w_ŷ‖ / ‖f − μ‖, μ = mean training feature. Liu &amp; Qin 2024, "Fast Decision Boundary based Out-of-Distribution
/// Detector" (fDBD); the paper takes the mean over the other classes, OpenOOD the sum, which orders images alike.
/// </summary>
/// <remarks>
/// Between classes of equal weights lies no boundary; such a pair is left out. Distances to the centre below 1e-12 count as 1e-12.
/// </remarks>
[CatalogEntry("fdbd", "distance to the decision boundaries", Paper = "Liu & Qin 2024")]
public sealed class Fdbd : Detector
{
    private const string Mean = "mean";
    private const string Apart = "weight_distances";

    /// <summary>Whether ‖f − μ‖ divides, as in the paper, or ‖f‖, which needs no training set.</summary>
    [Describe("Divide by the distance to the mean training feature; otherwise by the feature's norm.")]
    [Grid(true, false)]
    public bool DistanceAsNormalizer { get; init; } = true;

    /// <inheritdoc/>
    public override DetectorNeeds Needs =>
        DetectorNeeds.Logits | DetectorNeeds.Features | DetectorNeeds.Head | (DistanceAsNormalizer ? DetectorNeeds.TrainingSet : DetectorNeeds.None);

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        var weight = fit.HeadWeight.to(ScalarType.Float64);
        // Differences first, so that near-equal weights lose no digits.
        var apart = torch.cdist(weight, weight, 2, compute_mode.donot_use_mm_for_euclid_dist);

        // Infinity takes the terms of a class with itself, and with another of equal weights, out of the sum.
        State.Keep(Apart, apart.masked_fill(apart.eq(0), double.PositiveInfinity));
        if (DistanceAsNormalizer)
            State.Keep(Mean, FeatureBlocks.Mean(fit.Train!));
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        // Differences first, so that near-equal weights lose no digits.
        var apart = State.Tensor(Apart);
        var mean = DistanceAsNormalizer ? State.Tensor(Mean) : null;
        return FeatureBlocks.Score(bank, (features, logits) =>
        {
            var (largest, predicted) = logits.max(1, keepdim: true);
            var distances = (largest - logits) / apart.index_select(0, predicted.squeeze(1));
            return distances.sum(1) / FeatureBlocks.Length(mean is null ? features : features - mean);
        });
    }
}
