using static TorchSharp.torch;

namespace Sio.Detection.Detectors;

/// <summary>
/// Length of the last layer's gradient: ‖∂L/∂W‖₁ with L = −Σ_c log p_c, p = softmax(Wf + b). Huang, Geng &amp; Li 2021, "On the Importance of Gradients
/// for Detecting Distributional Shifts in the Wild", section 3.
/// </summary>
/// <remarks>
/// Since ∂L/∂z_c = C·p_c − 1 and ∂z_c/∂W_c = f, the gradient is an outer product, and its L1 norm ‖f‖₁ · Σ_c |C·p_c − 1|: no backward
/// pass. The peers' targets are all ones where the paper has 1/C; so is this, which multiplies every score by C and changes no order.
/// </remarks>
[CatalogEntry("gradnorm", "L1 norm of the last layer's gradient towards uniform probabilities", Paper = "Huang, Geng & Li 2021")]
public sealed class GradNorm : Detector
{
    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Features | DetectorNeeds.Logits;

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        var classes = bank.Logits.size(1);
        return RowBlocks.Score(bank.Count, (start, rows) =>
        {
            var fromUniform = ((bank.Logits.Rows(start, rows).softmax(1) * classes) - 1).abs().sum(1);
            return linalg.vector_norm(bank.Features.Rows(start, rows), 1, [1]) * fromUniform;
        });
    }
}
