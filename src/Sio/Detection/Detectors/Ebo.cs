using System.Globalization;
using Sio.Torch;

namespace Sio.Detection.Detectors;

/// <summary>
/// Negative free energy: T · log Σ_c e^(z_c / T). Liu et al. 2020, "Energy-based Out-of-distribution Detection", eq. 4.
/// </summary>
[CatalogEntry("ebo", "negative free energy of the logits", Paper = "Liu et al. 2020")]
public sealed class Ebo : Detector
{
    /// <summary>T, above 0 and finite.</summary>
    public double Temperature { get; init; } = 1;

    /// <inheritdoc/>
    public override float[] Score(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        if (!(Temperature > 0 && double.IsFinite(Temperature)))
            throw new DetectionException(string.Create(CultureInfo.InvariantCulture, $"ebo: the temperature is {Temperature}, a finite number above 0 is needed"));
        using var scope = new TensorScope();
        return ((bank.Logits / Temperature).LogSumExp(1) * Temperature).ToArray<float>();
    }
}
