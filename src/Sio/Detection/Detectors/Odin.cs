using Sio.Torch;

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
        if (!(Temperature > 0 && double.IsFinite(Temperature)))
            throw Refuse($"the temperature is {Temperature}, a finite number above 0 is needed");
        if (!(Noise >= 0 && double.IsFinite(Noise)))
            throw Refuse($"the noise is {Noise}, a finite number that is not negative is needed");
        if (Noise == 0)
            return Confidence(bank.Logits);
        var model = bank.Images!.Model;
        return BankPasses.Score(bank, images => Confidence(model.Forward(Moved(model, images)).Logits));
    }

    // Probabilities differ from 1/C in their fourth digit: float64 keeps what float32 would round away.
    private float[] Confidence(Tensor logits) => (logits.To(DType.Float64) / Temperature).Softmax(1).Amax([1]).To(DType.Float32).ToArray<float>();

    private Tensor Moved(IDetectionModel model, Tensor images)
    {
        var (channels, std) = (images.Size(1), model.Std);
        if (channels != std.Count)
            throw Refuse($"images of {channels} channels, the network's normalisation has {std.Count}");
        Tensor gradient;
        using (GradMode.EnableGrad())
        {
            var input = images.Detach();
            input.RequiresGrad = true;
            var scaled = model.Forward(input).Logits / Temperature;
            // The mean over the batch, times its size: an image's gradient does not depend on the batch it is in.
            var loss = scaled.CrossEntropy(scaled.Detach().ArgMax(1)) * images.Size(0);
            gradient = loss.Gradients([input])[0]!;
        }

        var step = Tensor.From(std.Select(value => (float)(Noise / value)).ToArray(), 1, channels, 1, 1).To(images.Device);
        return images - gradient.Ge(0).Where(step, -step);
    }
}
