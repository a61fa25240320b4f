using System.ComponentModel.DataAnnotations;

namespace Sio.Generation.Gan;

/// <summary>What the generator and the discriminator play for.</summary>
public enum GanLoss
{
    /// <summary>The hinge loss (Lim and Ye 2017; Miyato et al. 2018).</summary>
    Hinge,

    /// <summary>The non-saturating loss (Goodfellow et al. 2014), made for <see cref="GanSettings.R1Gamma"/>.</summary>
    NonSaturating,
}

/// <summary>A differentiable augmentation (Zhao et al. 2020).</summary>
public enum GanAugmentation
{
    /// <summary>Brightness, contrast and, with three channels, saturation.</summary>
    Color,

    /// <summary>A shift by up to an eighth of the image.</summary>
    Translation,

    /// <summary>A grey square of half the image's side.</summary>
    Cutout,
}

/// <summary>Settings of <c>gan</c>.</summary>
public sealed record GanSettings
{
    /// <summary>Loss.</summary>
    [Describe("Hinge, or non_saturating (with r1_gamma above 0).")]
    public GanLoss Loss { get; init; } = GanLoss.Hinge;

    /// <summary>Latent size.</summary>
    [Describe("Random numbers that an image is made from.")]
    [Range(1, 4096)]
    public int Latent { get; init; } = 64;

    /// <summary>Generator's width.</summary>
    [Describe("Channels of the generator at full resolution; they double with each halving of the image, up to 8 times as many.")]
    [Range(1, 1024)]
    public int GeneratorChannels { get; init; } = 32;

    /// <summary>Discriminator's width.</summary>
    [Describe("Channels of the discriminator's first block; they double with each halving of the image, up to 8 times as many.")]
    [Range(1, 1024)]
    public int DiscriminatorChannels { get; init; } = 32;

    /// <summary>Generator's learning rate.</summary>
    [Describe("Adam's learning rate for the generator.")]
    [Range(1e-9, 1000.0)]
    public double GeneratorLearningRate { get; init; } = 2e-4;

    /// <summary>Discriminator's learning rate.</summary>
    [Describe("Adam's learning rate for the discriminator.")]
    [Range(1e-9, 1000.0)]
    public double DiscriminatorLearningRate { get; init; } = 4e-4;

    /// <summary>Final share of the learning rates.</summary>
    [Describe("Share of both learning rates that is left at the end; they fall linearly over the second half of the training.")]
    [Range(0.0, 1.0)]
    public double FinalLearningRate { get; init; } = 1;

    /// <summary>β₁.</summary>
    [Describe("Adam's decay of the mean gradient.")]
    [Range(0.0, 0.999999)]
    public double Beta1 { get; init; }

    /// <summary>β₂.</summary>
    [Describe("Adam's decay of the mean squared gradient.")]
    [Range(0.0, 0.999999)]
    public double Beta2 { get; init; } = 0.99;

    /// <summary>Spectral normalisation.</summary>
    [Describe("Whether the discriminator's weights are divided by their largest singular values.")]
    public bool SpectralNorm { get; init; } = true;

    /// <summary>γ of R1.</summary>
    [Describe("Weight of the R1 penalty on the discriminator's gradient at real images; 0 for none.")]
    [Range(0.0, 1e6)]
    public double R1Gamma { get; init; }

    /// <summary>Interval of R1.</summary>
    [Describe("Steps from one R1 penalty to the next; it is weighted accordingly.")]
    [Range(1, 1000)]
    public int R1EverySteps { get; init; } = 16;

    /// <summary>Augmentation.</summary>
    [Describe("Differentiable augmentation of what the discriminator sees, for small sets: of color, translation, cutout.")]
    public IReadOnlyList<GanAugmentation> Augment { get; init; } = [GanAugmentation.Color, GanAugmentation.Translation, GanAugmentation.Cutout];
}
