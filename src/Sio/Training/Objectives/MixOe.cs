using System.ComponentModel.DataAnnotations;
using Sio.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Training.Objectives;

/// <summary>How MixOE makes one image of two.</summary>
public enum MixOperation
{
    /// <summary>A box of the auxiliary image is pasted into the batch's.</summary>
    Cutmix,

    /// <summary>Both images are blended.</summary>
    Mixup,
}

/// <summary>
/// Mixture Outlier Exposure (Zhang et al. 2023, "Mixture Outlier Exposure: Towards Out-of-Distribution Detection in Fine-grained Environments", eq. 3 to 5): each image of the batch is mixed
/// with an auxiliary one, and the label with the uniform distribution U in the same proportion: CE(z, y) + weight·[λ·CE(z̃, y) + (1 − λ)·CE(z̃, U)], λ from Beta(α, β) once per batch.
/// Confidence is to fall evenly on the way from ID to outliers. Cutting, a weight of 1, α = 0.1 and β = 1 are OpenOOD's recipe for CIFAR, which fine-tunes a trained network for
/// 10 epochs at a learning rate of 0.001; the authors draw λ from Beta(1, 1). Mixed images go through the network apart from the others, as in both peers' code.
/// </summary>
/// <remarks>The k-th image meets the k-th auxiliary one, or the first ones again where there are fewer. Label smoothing, if asked for, applies to ID labels, mixed ones too.</remarks>
[CatalogEntry("mixoe", "MixOE: ID and auxiliary images mixed, labels towards uniform in proportion", Paper = "Zhang et al. 2023")]
[DefaultsFrom("OpenOOD, for CIFAR")]
public sealed class MixOe : Objective
{
    /// <summary>Operation.</summary>
    [Describe("How images are mixed: cutmix pastes a box of the auxiliary image, mixup blends.")]
    public MixOperation MixOp { get; init; } = MixOperation.Cutmix;

    /// <summary>Weight.</summary>
    [Describe("Weight of the mixed images' loss.")]
    [Range(0.0, 1e6)]
    public double Weight { get; init; } = 1;

    /// <summary>α.</summary>
    [Describe("First parameter of the distribution Beta(alpha, beta) of the ID image's share.")]
    [Range(1e-3, 1e4)]
    public double Alpha { get; init; } = 0.1;

    /// <summary>β.</summary>
    [Describe("Second parameter of that distribution.")]
    [Range(1e-3, 1e4)]
    public double Beta { get; init; } = 1;

    /// <summary>Auxiliary batch.</summary>
    [Describe("Auxiliary images per batch; as many as the batch has, to use each of them once.")]
    [Range(1, 1_000_000)]
    public int AuxiliaryBatchSize { get; init; } = 128;

    /// <inheritdoc/>
    public override int AuxiliaryPerBatch => AuxiliaryBatchSize;

    /// <inheritdoc/>
    protected override ObjectiveLoss LossCore(ObjectiveStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var logits = step.Logits(step.Features());
        var plain = step.CrossEntropy(logits, step.Labels);
        var share = step.Draws.Beta(Alpha, Beta);
        var others = Others(step.Auxiliary!, step.Count);
        Tensor images;
        if (MixOp == MixOperation.Cutmix)
            (images, share) = Mixing.Cut(step.Images, others, share, step.Draws);
        else
            images = Mixing.Blend(step.Images, others, share);
        var mixed = Mixed(step, step.Logits(step.Features(images)), share);
        return new ObjectiveLoss(plain + (mixed * Weight), logits) { Parts = [("cross_entropy", plain), ("mixed", mixed)] };
    }

    /// <summary>λ·CE(z, y) + (1 − λ)·CE(z, U) with CE(z, U) = log Σ e^z − mean_c z_c, a single number: the mean over images with the step's weights.</summary>
    internal static Tensor Mixed(ObjectiveStep step, Tensor logits, double share) =>
        step.Mean((step.CrossEntropies(logits, step.Labels) * share) + ((logits.logsumexp(1) - logits.mean([1])) * (1 - share)));

    private static Tensor Others(Tensor auxiliary, int count)
    {
        var there = auxiliary.size(0);
        return auxiliary.index_select(0, torch.tensor(((long[])[.. Enumerable.Range(0, count).Select(place => place % there)]), [count]).to(auxiliary.device));
    }
}
