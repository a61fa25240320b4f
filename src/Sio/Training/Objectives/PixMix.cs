using System.ComponentModel.DataAnnotations;
using Sio.Data;
using Sio.Data.Transforms;

namespace Sio.Training.Objectives;

/// <summary>
/// PixMix (Hendrycks et al. 2022, "PixMix: Dreamlike Pictures Comprehensively Improve Safety Measures"): cross-entropy on images into which pictures of a mixing set, fractals or feature
/// visualisations, were mixed up to k times (<see cref="PixMixTransform"/>). k = 4, β = 3, a severity of 3 and nine operations are the authors' code's defaults; OpenOOD and SIO take all
/// thirteen operations.
/// </summary>
/// <remarks>
/// The mixing set is a folder, a file, or else fractals made by the program (<see cref="FractalImages"/>), an eighth larger than the images, of which pieces are cut at random; the authors do
/// the same with theirs.
/// </remarks>
[CatalogEntry("pixmix", "PixMix: fractals or other pictures are mixed into the images", Paper = "Hendrycks et al. 2022")]
[DefaultsFrom("the authors' code")]
public sealed class PixMix : Objective
{
    /// <summary>Mixing set.</summary>
    [Describe("Pictures to mix in: an .npz, or a folder with images.npy, with image files, or with IDX files under MNIST's names; at least as large as the images. None for fractals made by the program.")]
    public string? MixingSet { get; init; }

    /// <summary>Fractals.</summary>
    [Describe("Fractals to make where no mixing set is given.")]
    [Range(1, 1_000_000)]
    public int Fractals { get; init; } = 2000;

    /// <summary>Their seed.</summary>
    [Describe("Seed of these fractals.")]
    public int FractalSeed { get; init; }

    /// <summary>k.</summary>
    [Describe("Most times that an image is mixed.")]
    [Range(0, 100)]
    public int K { get; init; } = 4;

    /// <summary>β.</summary>
    [Describe("Parameter beta of the mixing coefficients' distribution: the smaller, the stronger the mixing.")]
    [Range(1e-3, 1e4)]
    public double Beta { get; init; } = 3;

    /// <summary>Severity.</summary>
    [Describe("Severity of the operations on images, 1 to 10.")]
    [Range(1, 10)]
    public int AugSeverity { get; init; } = 3;

    /// <summary>All operations.</summary>
    [Describe("Whether color, contrast, brightness and sharpness are among the operations; they are like some of the corruptions that robustness is measured with.")]
    public bool AllOps { get; init; }

    /// <inheritdoc/>
    public override string? MixingSource => MixingSet;

    /// <inheritdoc/>
    public override ImageTransform CreateTransform(int view, ImageSet real)
    {
        ArgumentNullException.ThrowIfNull(real);
        var pictures = MixingSet is { } path
            ? Data.Transforms.MixingSet.Load(path, real)
            : FractalImages.Make(Fractals, real.Channels, Data.Transforms.MixingSet.Larger(real.Height), Data.Transforms.MixingSet.Larger(real.Width), FractalSeed);
        return new PixMixTransform(pictures, K, Beta, AugSeverity, AllOps);
    }

    /// <inheritdoc/>
    protected override ObjectiveLoss LossCore(ObjectiveStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var logits = step.Logits(step.Features());
        return new ObjectiveLoss(step.CrossEntropy(logits, step.Labels), logits);
    }
}
