using Sio.Engine;

namespace Sio.Detection.Detectors;

/// <summary>
/// Maximum logit: max_c z_c. Hendrycks et al. 2022, "Scaling Out-of-Distribution Detection for Real-World Settings", section 3.
/// </summary>
[CatalogEntry("mls", "maximum logit", Paper = "Hendrycks et al. 2022")]
public sealed class Mls : Detector
{
    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Logits;

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        return bank.Logits.amax([1]).ToArray<float>();
    }
}
