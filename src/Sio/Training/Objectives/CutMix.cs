using System.ComponentModel.DataAnnotations;
using Sio.Data;

namespace Sio.Training.Objectives;

/// <summary>
/// CutMix (Yun et al. 2019, "CutMix: Regularization Strategy to Train Strong Classifiers with Localizable Features", eq. 1 and 2): a box of each image is replaced by what another image of the
/// batch has there, and the loss is λ·CE(z, y) + (1 − λ)·CE(z, y′) with the share λ of the image that stayed. λ is drawn from Beta(β, β) and the box's centre uniformly, once per batch.
/// β = 1 and a probability of 1 are OpenOOD's and SIO's recipe for CIFAR; the authors cut half of the batches there.
/// </summary>
/// <remarks>
/// For batch norm kept apart by source, a mixed image is real or synthetic as the one that was pasted into. Each of its two labels has the weight and the label smoothing of the image that it came with.
/// </remarks>
[CatalogEntry("cutmix", "CutMix: a box of another image is pasted in, labels count by area", Paper = "Yun et al. 2019")]
[DefaultsFrom("OpenOOD and SIO, for CIFAR")]
public sealed class CutMix : Objective
{
    /// <summary>β.</summary>
    [Describe("Parameter beta of the distribution Beta(beta, beta) of the share that stays.")]
    [Range(1e-3, 1e4)]
    public double Beta { get; init; } = 1;

    /// <summary>How often.</summary>
    [Describe("Probability that a batch is cut at all.")]
    [Range(0.0, 1.0)]
    public double CutmixProb { get; init; } = 1;

    /// <inheritdoc/>
    protected override ObjectiveLoss LossCore(ObjectiveStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (step.Draws.NextDouble() >= CutmixProb)
        {
            var plain = step.Logits(step.Features());
            return new ObjectiveLoss(step.CrossEntropy(plain, step.Labels), plain);
        }

        var partners = Mixing.Partners(step);
        var (images, share) = Mixing.Cut(step.Images, step.Images.index_select(0, partners), step.Draws.Beta(Beta, Beta), step.Draws);
        var logits = step.Logits(step.Features(images));
        return new ObjectiveLoss(Mixing.CrossEntropy(step, logits, partners, share), logits);
    }
}
