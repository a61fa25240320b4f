using System.ComponentModel.DataAnnotations;

namespace Sio.Generation.Diffusion;

/// <summary>How a diffusion model draws samples (Karras et al. 2022, equation 5 and algorithm 2; table 1 has the defaults).</summary>
public sealed record DiffusionSampling
{
    /// <summary>N.</summary>
    [Describe("Steps from noise to image; each but the last evaluates the network twice.")]
    [Range(2, 10_000)]
    public int Steps { get; init; } = 18;

    /// <summary>σ_min.</summary>
    [Describe("Noise level before the last step, which ends at none.")]
    [Range(1e-6, 1000.0)]
    public double SigmaMin { get; init; } = 0.002;

    /// <summary>σ_max.</summary>
    [Describe("Noise level to begin at.")]
    [Range(1e-3, 1e6)]
    public double SigmaMax { get; init; } = 80;

    /// <summary>ρ.</summary>
    [Describe("How strongly steps get shorter towards low noise; 1 for steps of one length.")]
    [Range(1.0, 100.0)]
    public double Rho { get; init; } = 7;

    /// <summary>S_churn.</summary>
    [Describe("Fresh noise over all steps; 0 for deterministic sampling.")]
    [Range(0.0, 1e6)]
    public double Churn { get; init; }

    /// <summary>S_tmin.</summary>
    [Describe("Lowest noise level at which fresh noise is added.")]
    [Range(0.0, 1e9)]
    public double ChurnMin { get; init; }

    /// <summary>S_tmax.</summary>
    [Describe("Highest noise level at which fresh noise is added.")]
    [Range(0.0, 1e9)]
    public double ChurnMax { get; init; } = 1e9;

    /// <summary>S_noise.</summary>
    [Describe("Standard deviation of fresh noise, as a multiple of what theory says.")]
    [Range(0.0, 10.0)]
    public double ChurnNoise { get; init; } = 1;

    /// <summary>Guidance.</summary>
    [Describe("Weight of classifier-free guidance: 1 for none, more for samples that are more typical of their class and less varied; other than 1 doubles the work.")]
    [Range(0.0, 100.0)]
    public double Guidance { get; init; } = 1;
}
