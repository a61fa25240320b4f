using Sio.Engine;

namespace Sio.Detection.Detectors;

/// <summary>
/// Negative free energy: T · log Σ_c e^(z_c / T). Liu et al. 2020, "Energy-based Out-of-distribution Detection", eq. 4.
/// </summary>
[CatalogEntry("ebo", "negative free energy of the logits", Paper = "Liu et al. 2020")]
public sealed class Ebo : Detector
{
    /// <summary>T, above 0 and finite.</summary>
    [Describe("Temperature T, above 0.")]
    [Grid(1, 10, 100, 1000)]
    public double Temperature { get; init; } = 1;

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Logits;

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        if (!(Temperature > 0 && double.IsFinite(Temperature)))
            throw Refuse($"the temperature is {Temperature}, a finite number above 0 is needed");
        return ((bank.Logits / Temperature).logsumexp(1) * Temperature).ToArray<float>();
    }
}
