using Sio.Engine;

namespace Sio.Detection.Detectors;

/// <summary>
/// Maximum softmax probability: max_c p_c, p = softmax(z). In (0, 1]. Hendrycks &amp; Gimpel 2017, "A Baseline for Detecting Misclassified
/// and Out-of-Distribution Examples in Neural Networks".
/// </summary>
[CatalogEntry("msp", "maximum softmax probability", Paper = "Hendrycks & Gimpel 2017")]
public sealed class Msp : Detector
{
    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Logits;

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        return bank.Logits.softmax(1).amax([1]).ToArray<float>();
    }
}
