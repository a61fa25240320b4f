using System.ComponentModel.DataAnnotations;
using static TorchSharp.torch;

namespace Sio.Training.Objectives;

/// <summary>
/// Outlier Exposure (Hendrycks, Mazeika &amp; Dietterich 2019, section 3 and its classification case): CE(z, y) + λ·mean(log Σ e^u − mean_c u_c) with the logits u of auxiliary images, whose
/// softmax is drawn towards the uniform one. λ = 0.5 is the paper's, 256 auxiliary images per batch of 128 are OpenOOD's and SIO's. ID and auxiliary images go through the network
/// together; OpenOOD sends them through one after the other, so that batch norm sees each by itself.
/// </summary>
[CatalogEntry("outlier_exposure", "Outlier Exposure: auxiliary images get a flat softmax", Paper = "Hendrycks, Mazeika & Dietterich 2019")]
[DefaultsFrom("paper; auxiliary batch of OpenOOD")]
public sealed class OutlierExposure : Objective
{
    /// <summary>λ.</summary>
    [Describe("Weight lambda of the auxiliary images' part.")]
    [Range(0.0, 1e6)]
    public double Weight { get; init; } = 0.5;

    /// <summary>Auxiliary batch.</summary>
    [Describe("Auxiliary images per batch.")]
    [Range(1, 1_000_000)]
    public int AuxiliaryBatchSize { get; init; } = 256;

    /// <inheritdoc/>
    public override int AuxiliaryPerBatch => AuxiliaryBatchSize;

    /// <inheritdoc/>
    protected override ObjectiveLoss LossCore(ObjectiveStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var logits = step.Logits(step.Features(step.Images, step.Auxiliary));
        var (own, auxiliary) = (logits.narrow(0, 0, step.Count), logits.narrow(0, step.Count, logits.size(0) - step.Count));
        var (classes, flatness) = (step.CrossEntropy(own, step.Labels), Flatness(auxiliary));
        return new ObjectiveLoss(classes + (flatness * Weight), own) { Parts = [("cross_entropy", classes), ("auxiliary", flatness)] };
    }

    /// <summary>Mean over images of log Σ e^u − mean_c u_c, which is the cross-entropy against the uniform distribution: log C at least.</summary>
    internal static Tensor Flatness(Tensor logits) => (logits.logsumexp(1) - logits.mean([1])).mean();
}
