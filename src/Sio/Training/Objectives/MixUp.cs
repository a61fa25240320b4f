using System.ComponentModel.DataAnnotations;
using Sio.Data;

namespace Sio.Training.Objectives;

/// <summary>
/// mixup (Zhang et al. 2018, "mixup: Beyond Empirical Risk Minimization", section 2): the network learns λ·x + (1 − λ)·x′ with the labels mixed likewise, x′ another image of the batch:
/// λ·CE(z, y) + (1 − λ)·CE(z, y′). λ is drawn from Beta(α, α) once per batch, as in the authors' code. α = 0.2 is OpenOOD's; the paper takes 1 for CIFAR and 0.2 for ImageNet.
/// </summary>
/// <remarks>
/// For batch norm kept apart by source, a mixed image is real or synthetic as the first of its two, of which it has the share λ. Each of the two labels has the weight and the label smoothing of the
/// image that it came with.
/// </remarks>
[CatalogEntry("mixup", "mixup: images and labels of two are blended", Paper = "Zhang et al. 2018")]
[DefaultsFrom("OpenOOD")]
public sealed class MixUp : Objective
{
    /// <summary>α.</summary>
    [Describe("Parameter alpha of the distribution Beta(alpha, alpha) of the first image's share.")]
    [Range(1e-3, 1e4)]
    public double Alpha { get; init; } = 0.2;

    /// <inheritdoc/>
    protected override ObjectiveLoss LossCore(ObjectiveStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var share = step.Draws.Beta(Alpha, Alpha);
        var partners = Mixing.Partners(step);
        var logits = step.Logits(step.Features(Mixing.Blend(step.Images, step.Images.index_select(0, partners), share)));
        return new ObjectiveLoss(Mixing.CrossEntropy(step, logits, partners, share), logits);
    }
}
