using System.ComponentModel.DataAnnotations;
using TorchSharp;

namespace Sio.Training.Objectives;

/// <summary>
/// Dropout before the last layer, for Monte Carlo dropout (Gal &amp; Ghahramani 2016, "Dropout as a Bayesian Approximation: Representing Model Uncertainty in Deep Learning"):
/// cross-entropy of W (f ∘ m)/(1 − p) + b, m zero with probability p for each image and feature anew. Afterwards all features count; the detector <c>mc_dropout</c> draws masks again and judges by the
/// mean of the predictions. p = 0.5 is OpenOOD's.
/// </summary>
[CatalogEntry("dropout", "dropout before the last layer, for the detector mc_dropout", Paper = "Gal & Ghahramani 2016")]
[DefaultsFrom("OpenOOD")]
public sealed class FeatureDropout : Objective
{
    /// <summary>p.</summary>
    [Describe("Probability p that a feature is dropped; the detector mc_dropout has a p of its own, which is 0.5 unless mc_dropout.p says otherwise.")]
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double P { get; init; } = 0.5;

    /// <inheritdoc/>
    public override string OwnDetector => "mc_dropout";

    /// <inheritdoc/>
    protected override ObjectiveLoss LossCore(ObjectiveStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var features = step.Features();
        var kept = torch.rand([features.size(0), features.size(1)], generator: step.Random).ge(P).to(features.dtype).to(features.device);
        var logits = step.Logits(features * kept / (1 - P));
        return new ObjectiveLoss(step.CrossEntropy(logits, step.Labels), logits);
    }
}
