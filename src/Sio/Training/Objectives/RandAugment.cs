using System.ComponentModel.DataAnnotations;
using Sio.Data;
using Sio.Data.Transforms;

namespace Sio.Training.Objectives;

/// <summary>
/// RandAugment (Cubuk et al. 2020, "RandAugment: Practical automated data augmentation with a reduced search space"): cross-entropy on images changed by N random operations of magnitude M
/// (<see cref="RandAugmentTransform"/>). N = 1 and M = 14 of 30 are OpenOOD's; it changes images before crop and flip, here they come first.
/// </summary>
[CatalogEntry("randaugment", "RandAugment: N random operations of magnitude M on each image", Paper = "Cubuk et al. 2020")]
[DefaultsFrom("OpenOOD")]
public sealed class RandAugment : Objective
{
    /// <summary>N.</summary>
    [Describe("Operations per image.")]
    [Range(0, 14)]
    public int N { get; init; } = 1;

    /// <summary>M.</summary>
    [Describe("Magnitude of all of them, 0 to 30.")]
    [Range(0, RandAugmentTransform.MaxMagnitude)]
    public int M { get; init; } = 14;

    /// <inheritdoc/>
    public override ImageTransform CreateTransform(int view, ImageSet real) => new RandAugmentTransform(N, M);

    /// <inheritdoc/>
    protected override ObjectiveLoss LossCore(ObjectiveStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var logits = step.Logits(step.Features());
        return new ObjectiveLoss(step.CrossEntropy(logits, step.Labels), logits);
    }
}
