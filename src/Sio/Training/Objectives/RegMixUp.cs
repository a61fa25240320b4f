using System.ComponentModel.DataAnnotations;
using Sio.Data;
using TorchSharp;

namespace Sio.Training.Objectives;

/// <summary>
/// RegMixup (Pinto et al. 2022, "Using Mixup as a Regularizer Can Surprisingly Improve Accuracy and Out-of-Distribution Robustness", eq. 5): mixup beside the plain loss instead of in its
/// place, CE(z, y) + η·[λ·CE(z̃, y) + (1 − λ)·CE(z̃, y′)], with λ from Beta(α, α) so narrow that images are mixed about half and half. Both go through the network together. η = 1 is the
/// paper's; α = 20 is the authors' and OpenOOD's for CIFAR-10 (10 for CIFAR-100). The peers' code divides the sum by two.
/// </summary>
[CatalogEntry("regmixup", "RegMixup: plain cross-entropy, and mixup as a regulariser", Paper = "Pinto et al. 2022")]
[DefaultsFrom("paper and OpenOOD")]
public sealed class RegMixUp : Objective
{
    /// <summary>α.</summary>
    [Describe("Parameter alpha of the distribution Beta(alpha, alpha) of the first image's share; large, so that both halves show.")]
    [Range(1e-3, 1e4)]
    public double Alpha { get; init; } = 20;

    /// <summary>η.</summary>
    [Describe("Weight eta of the mixed images' loss.")]
    [Range(0.0, 1e6)]
    public double Eta { get; init; } = 1;

    /// <inheritdoc/>
    protected override ObjectiveLoss LossCore(ObjectiveStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var share = step.Draws.Beta(Alpha, Alpha);
        var partners = Mixing.Partners(step);
        var mixed = Mixing.Blend(step.Images, step.Images.index_select(0, partners), share);
        var logits = step.Logits(step.Features(torch.cat([step.Images, mixed])));
        var plain = step.CrossEntropy(logits.narrow(0, 0, step.Count), step.Labels);
        var blended = Mixing.CrossEntropy(step, logits.narrow(0, step.Count, step.Count), partners, share);
        return new ObjectiveLoss(plain + (blended * Eta), logits) { Parts = [("cross_entropy", plain), ("mixup", blended)] };
    }
}
