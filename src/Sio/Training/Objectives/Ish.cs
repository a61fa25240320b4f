using System.ComponentModel.DataAnnotations;
using static TorchSharp.torch;

namespace Sio.Training.Objectives;

/// <summary>
/// ISH, intermediate tensor shaping (Xu et al. 2024, "Scaling for Training Time and Post-hoc Out-of-distribution Detection Enhancement"): cross-entropy, but the gradient of the last
/// layer's weight W is taken at shaped features, gᵀ f' in place of gᵀ f: f' keeps the k of an image's D features whose absolute values are largest, times exp(Σf / Σ of those k), and has zeros elsewhere. Logits, and the
/// gradient of the features, are as always. Images whose largest features make up little of the whole count more.
/// </summary>
/// <remarks>
/// k = ⌊D·(1 − percentile/100)⌋, at least 1; 85 is the setting of OpenOOD's recipe, which is the authors'. It also gives the last layer a tenth of the others' weight decay;
/// here all decay alike. The exponent is at most 80, and the factor 1 where the largest features sum to 0.
/// </remarks>
[CatalogEntry("ish", "ISH: the last layer learns from shaped features", Paper = "Xu et al. 2024")]
[DefaultsFrom("OpenOOD, to which its authors gave it")]
public sealed class Ish : Objective
{
    private const double LargestExponent = 80;

    /// <summary>Share of the features that are left out, in per cent.</summary>
    [Describe("Percentage of an image's features, the smallest, that the last layer's weight does not learn from.")]
    [Range(0.0, 100.0, MaximumIsExclusive = true)]
    public double Percentile { get; init; } = 85;

    /// <inheritdoc/>
    protected override ObjectiveLoss LossCore(ObjectiveStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var features = step.Features();
        var head = step.Network.Head;

        // A zero whose gradient by W is that of the shaped features.
        var learnt = nn.functional.linear(Shaped(features.detach()), head.weight);
        var logits = nn.functional.linear(features, head.weight.detach(), head.bias) + (learnt - learnt.detach());
        return new ObjectiveLoss(step.CrossEntropy(logits, step.Labels), logits);
    }

    /// <summary>f' of features [N,D].</summary>
    internal Tensor Shaped(Tensor features)
    {
        var kept = Math.Max(1, (long)(features.size(1) * (1 - (Percentile / 100))));
        var (values, places) = features.abs().topk((int)kept, dim: 1, sorted: false);
        var sum = values.sum(1, keepdim: true);
        var none = sum.eq(0);
        var factor = features.sum(1, keepdim: true).div(sum.masked_fill(none, 1)).masked_fill(none, 0).clamp(max: LargestExponent).exp();
        return features.zeros_like().scatter(1, places, values * factor);
    }
}
