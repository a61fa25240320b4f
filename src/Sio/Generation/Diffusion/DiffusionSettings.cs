using System.ComponentModel.DataAnnotations;
using Sio.Data;

namespace Sio.Generation.Diffusion;

/// <summary>The type that convolutions and matrix products compute in.</summary>
public enum DiffusionPrecision
{
    /// <summary>Single precision.</summary>
    Float32,

    /// <summary>bfloat16 in convolutions, linear layers and attention; weights, noise and the loss stay in float32.</summary>
    Bf16,
}

/// <summary>Settings of <c>diffusion</c>.</summary>
public sealed record DiffusionSettings
{
    /// <summary>Width.</summary>
    [Describe("Channels of the network that widths multiplies.")]
    [Range(4, 1024)]
    public int Channels { get; init; } = 64;

    /// <summary>Widths per level.</summary>
    [Describe("Multiples of channels, level by level from the full image down, each level half the size of the one above; the last holds for all further levels.")]
    public IReadOnlyList<int> Widths { get; init; } = [1, 2, 2];

    /// <summary>Depth.</summary>
    [Describe("Residual blocks per level on the way down; the way up has one more.")]
    [Range(1, 16)]
    public int Blocks { get; init; } = 2;

    /// <summary>Dropout.</summary>
    [Describe("Share of activations that is dropped within each residual block.")]
    [Range(0.0, 0.9)]
    public double Dropout { get; init; } = 0.1;

    /// <summary>Class dropout.</summary>
    [Describe("Share of training images whose class is withheld, which sampling.guidance other than 1 needs.")]
    [Range(0.0, 1.0)]
    public double ClassDropout { get; init; } = 0.1;

    /// <summary>Learning rate.</summary>
    [Describe("Adam's learning rate after warming up; the paper has 0.001 for CIFAR-10 with 512 images per step.")]
    [Range(1e-9, 1000.0)]
    public double LearningRate { get; init; } = 2e-4;

    /// <summary>Warm-up.</summary>
    [Describe("Images over which the learning rate rises from nothing, along a straight line; 0 for none.")]
    [Range(0, 1_000_000_000)]
    public int WarmUpImages { get; init; } = 10_000;

    /// <summary>P_mean.</summary>
    [Describe("Mean of the logarithm of the noise levels in training.")]
    [Range(-20.0, 20.0)]
    public double NoiseMean { get; init; } = -1.2;

    /// <summary>P_std.</summary>
    [Describe("Standard deviation of the logarithm of the noise levels in training.")]
    [Range(0.0, 10.0)]
    public double NoiseStd { get; init; } = 1.2;

    /// <summary>σ_data.</summary>
    [Describe("Standard deviation of the images' values in -1 to 1, about.")]
    [Range(0.001, 10.0)]
    public double SigmaData { get; init; } = 0.5;

    /// <summary>Augmentation.</summary>
    [Describe("Augmentation whose parameters the network is told, so that samples show none of it: of flip, flip_vertical, shift, scale, rotate, stretch, translate.")]
    public IReadOnlyList<DiffusionAugmentation> Augment { get; init; } = [];

    /// <summary>Probability of an augmentation.</summary>
    [Describe("Probability of each kind of augmentation but flip, which mirrors half of the images.")]
    [Range(0.0, 1.0)]
    public double AugmentProbability { get; init; } = 0.12;

    /// <summary>Precision.</summary>
    [Describe("float32, or bf16 (mixed precision, for GPUs).")]
    public DiffusionPrecision Precision { get; init; } = DiffusionPrecision.Float32;

    /// <summary>Memory order.</summary>
    [Describe("Whether images are kept pixel by pixel (NHWC) in memory, which recent GPUs like better in bf16.")]
    public bool ChannelsLast { get; init; }

    /// <summary>Sampling.</summary>
    [Describe("How samples are drawn; may be changed when a trained generator is sampled.")]
    public DiffusionSampling Sampling { get; init; } = new();

    /// <summary>Refuses what contradicts itself.</summary>
    /// <exception cref="DataException">It does.</exception>
    internal void Check()
    {
        if (Widths.Count == 0 || Widths.Any(width => width is < 1 or > 64))
            throw new DataException($"diffusion.widths is [{string.Join(", ", Widths)}], expected at least one number, each from 1 to 64");
        if (Sampling.SigmaMin >= Sampling.SigmaMax)
            throw new DataException(ImageSet.Text($"diffusion.sampling.sigma_min is {Sampling.SigmaMin} and sigma_max {Sampling.SigmaMax}, expected less at the lower end"));
        if (Sampling.Guidance != 1 && ClassDropout == 0)
            throw new DataException(ImageSet.Text($"diffusion.sampling.guidance is {Sampling.Guidance}, which needs a generator that was trained with class_dropout above 0"));
    }
}
