namespace Sio.Detection.Detectors;

/// <summary>
/// ODIN whose step moves one pixel value only, the one that matters most: max softmax(z(x′)/T) with x′ = x − m ⊙ ε · sign(∂L/∂x) / d, m = 1 where |∂L/∂x| is largest over
/// all channels and positions and 0 elsewhere, L the cross-entropy of z(x)/T with the predicted class. i-ODIN, Regmi 2024, "Going Beyond Conventional OOD
/// Detection" (later "Image-based Outlier Synthesis With Training Data"), as its author brought it into OpenOOD 1.5.
/// </summary>
/// <remarks>
/// d is the standard deviation of the network's normalisation, so that ε is a step in pixel values from 0 to 1; which value matters most is judged in the
/// normalised image, as in the peer's code. The sign of zero is +1, and of equal gradients the first is taken. Two forward passes and one backward pass per batch; with
/// ε = 0 the bank's logits are enough.
/// </remarks>
[CatalogEntry("iodin", "ODIN that moves only the pixel value with the largest gradient", Paper = "Regmi 2024")]
public sealed class Iodin : Detector
{
    /// <summary>T, above 0 and finite.</summary>
    [Describe("Temperature T, above 0.")]
    [Grid(1.0, 10.0, 100.0, 1000.0)]
    public double Temperature { get; init; } = 1000;

    /// <summary>ε, at least 0 and finite.</summary>
    [Describe("Length of the step ε, on the scale 0 to 1; 0 for none.")]
    [Grid(0.0014, 0.0028)]
    public double Noise { get; init; } = 0.0014;

    /// <inheritdoc/>
    public override DetectorNeeds Needs => Noise == 0 ? DetectorNeeds.Logits : DetectorNeeds.Logits | DetectorNeeds.InputGradient;

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        InputSteps.RefuseOdin(Name, Temperature, Noise);
        if (Noise == 0)
            return InputSteps.Confidence(bank.Logits, Temperature);
        var model = bank.Images!.Model;
        return BankPasses.Score(bank, images =>
        {
            var (gradient, step) = InputSteps.Odin(Name, model, images, Temperature, Noise);
            var largest = gradient.abs().flatten(1).argmax(1, keepdim: true);
            return InputSteps.Confidence(model.Forward(images - (step * InputSteps.Mask(images, largest))).Logits, Temperature);
        });
    }
}
