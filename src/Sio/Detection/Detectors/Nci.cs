using System.ComponentModel.DataAnnotations;
using static TorchSharp.torch;

namespace Sio.Detection.Detectors;

/// <summary>
/// How far a feature lies along the weight of its predicted class ŷ, seen from the centre of the training set, and how large it is:
/// ⟨w_ŷ, f − μ⟩ / ‖f − μ‖ + α ‖f‖₁, μ = mean training feature. Liu &amp; Qin 2025, "Detecting Out-of-Distribution Through the Lens of Neural
/// Collapse". An image that lies at μ itself has no direction; its first term is 0.
/// </summary>
[CatalogEntry("nci", "direction towards the predicted class's weight, and length", Paper = "Liu & Qin 2025")]
public sealed class Nci : Detector
{
    private const string Mean = "mean";

    /// <summary>α, the weight of the feature's L1 norm; 0 or above, and finite.</summary>
    [Describe("Weight of the feature's L1 norm.")]
    [Range(0.0, double.MaxValue)]
    [Grid(0.0001, 0.001, 0.01, 0.1)]
    public double Alpha { get; init; } = 0.0001;

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Logits | DetectorNeeds.Features | DetectorNeeds.TrainingSet | DetectorNeeds.Head;

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (!(Alpha >= 0 && double.IsFinite(Alpha)))
            throw Refuse($"alpha is {Alpha}, a finite number of at least 0 is needed");
        State.KeepHead(fit);
        State.Keep(Mean, FeatureBlocks.Mean(fit.Train!));
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        var (weight, mean) = (State.HeadWeight().to(ScalarType.Float64), State.Tensor(Mean));
        return FeatureBlocks.Score(bank, (features, logits) =>
        {
            var centred = features - mean;
            var own = weight.index_select(0, logits.argmax(1));
            return ((own * centred).sum(1) / FeatureBlocks.Length(centred)) + (linalg.vector_norm(features, 1, [1]) * Alpha);
        });
    }
}
