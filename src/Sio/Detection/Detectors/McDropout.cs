using System.ComponentModel.DataAnnotations;
using Sio.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection.Detectors;

/// <summary>
/// Monte Carlo dropout before the last layer: z_t = W(f ∘ m_t)/(1 − p) + b for T random masks m_t that keep each feature with probability 1 − p; the score is
/// max_c p̄_c of p̄ = Σ_t softmax(z_t) / T, or another measure of the T predictions. Gal &amp; Ghahramani 2016, "Dropout as a Bayesian Approximation:
/// Representing Model Uncertainty in Deep Learning", section 4.
/// </summary>
/// <remarks>
/// Only the last layer runs T times, so features are enough, and the network need not have been trained with dropout. Each mask is one network drawn from the approximate
/// posterior, and all images are judged by the same T of them: an image's score depends on the image and the seed alone, not on its place among others. The masks
/// are a Latin hypercube (McKay, Beckman &amp; Conover 1979): each is distributed as usual, but over all T a feature is dropped as often as p says. Independent masks
/// leave AUROCs three times as dependent on the seed. OpenOOD's code has p = 0.5 and 5 masks, drawn anew for each image, and takes the mean of the logits
/// (<c>mc_dropout.measure=mean_logits</c>), which is the network's own logits and noise: here that measure is <c>msp</c> where p·T is whole.
/// </remarks>
[CatalogEntry("mc_dropout", "mean prediction of the last layer under random dropout masks", Paper = "Gal & Ghahramani 2016")]
public sealed class McDropout : Detector
{
    private const string Masks = "masks";

    /// <summary>Probability that a feature is dropped; from 0 and below 1.</summary>
    [Describe("Probability p that a feature is dropped.")]
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double P { get; init; } = 0.5;

    /// <summary>T, at least 1.</summary>
    [Describe("How many masks, each of which costs one more product with the last layer.")]
    [Range(1, int.MaxValue)]
    public int Times { get; init; } = 50;

    /// <summary>Seed of the masks.</summary>
    [Describe("Seed of the masks.")]
    public long Seed { get; init; }

    /// <summary>What is taken of the predictions.</summary>
    [Describe("What is taken of the predictions: max_probability or entropy of their mean, mutual_information (BALD), their mean energy, or mean_logits, OpenOOD's.")]
    public PredictionMeasure Measure { get; init; } = PredictionMeasure.MaxProbability;

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Features | DetectorNeeds.Head;

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (P is not (>= 0 and < 1))
            throw Refuse($"p is {P}, a number from 0 and below 1 is needed");
        if (Times < 1)
            throw Refuse($"times is {Times}, at least 1 is needed");
        var size = fit.HeadWeight.size(1);
        var random = RandomStream.For(Seed, "detection/mc_dropout");
        var masks = new float[checked(Times * size)];
        var kept = (float)(1 / (1 - P));
        for (var feature = 0; feature < size; feature++)
        {
            // A uniform number from each of T strata, in random order.
            var strata = random.Permutation(Times);
            for (var t = 0; t < Times; t++)
                masks[(t * size) + feature] = (strata[t] + random.NextDouble()) / Times < P ? 0 : kept;
        }

        State.KeepHead(fit);
        State.Keep(Masks, torch.tensor(masks, [Times, size]));
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        var (weight, bias) = (State.HeadWeight().to(ScalarType.Float64), State.HeadBias().to(ScalarType.Float64));
        var masks = State.Tensor(Masks).to(ScalarType.Float64);
        return FeatureBlocks.Score(bank, (features, _) => MeanPrediction.Score(
            Measure, (int)masks.size(0), t => nn.functional.linear(features, weight * masks.select(0, t), bias)));
    }
}
