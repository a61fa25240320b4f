namespace Sio.Detection.Detectors;

/// <summary>
/// Largest softmax probability of the logits over a temperature, for an image moved a little towards its predicted class: max softmax(z(x′)/T) with
/// x′ = x − ε · sign(∂L/∂x) / d, L the cross-entropy of z(x)/T with the predicted class. Liang, Li and Srikant 2018, "Enhancing the Reliability of
/// Out-of-distribution Image Detection in Neural Networks", eq. 1 and 2.
/// </summary>
/// <remarks>
/// d is the standard deviation of the network's normalisation, so that ε is a step in pixel values from 0 to 1. As in the peers' code the sign of zero is +1. Two
/// forward passes and one backward pass per batch; with ε = 0 the bank's logits are enough.
/// </remarks>
[CatalogEntry("odin", "softmax at a high temperature, after a step against the input gradient", Paper = "Liang, Li & Srikant 2018")]
public sealed class Odin : Detector
{
    /// <summary>T, above 0 and finite.</summary>
    [Describe("Temperature T, above 0.")]
    [Grid(1.0, 10.0, 100.0, 1000.0)]
    public double Temperature { get; init; } = 1000;

    /// <summary>ε, at least 0 and finite.</summary>
    [Describe("Length of the step ε per pixel value, on the scale 0 to 1; 0 for none.")]
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
            var (_, step) = InputSteps.Odin(Name, model, images, Temperature, Noise);
            return InputSteps.Confidence(model.Forward(images - step).Logits, Temperature);
        });
    }
}
