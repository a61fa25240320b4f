using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Generation.Diffusion;

/// <summary>Which noise levels σ are trained with, and which are walked through in sampling (Karras et al. 2022).</summary>
internal static class NoiseLevels
{
    /// <summary>Noise levels to train with: ln(σ) ~ N(P_mean, P_std²) (section 5 and table 1).</summary>
    /// <param name="count">N.</param>
    /// <param name="mean">P_mean.</param>
    /// <param name="std">P_std.</param>
    /// <param name="random">Says where the result lives, too.</param>
    /// <returns>[N,1,1,1] float32.</returns>
    internal static Tensor Draw(long count, double mean, double std, Generator random) =>
        (torch.randn([count, 1, 1, 1], device: random.device, generator: random) * std + mean).exp();

    /// <summary>
    /// Time steps of sampling: t_i = (σ_max^(1/ρ) + i/(N−1)·(σ_min^(1/ρ) − σ_max^(1/ρ)))^ρ for i from 0 to N − 1, and t_N = 0 (equation 5).
    /// </summary>
    /// <returns>N + 1 numbers, falling from σ_max over σ_min to 0.</returns>
    internal static double[] TimeSteps(DiffusionSampling settings)
    {
        var (high, low) = (Math.Pow(settings.SigmaMax, 1 / settings.Rho), Math.Pow(settings.SigmaMin, 1 / settings.Rho));
        var times = new double[settings.Steps + 1];
        for (var i = 0; i < settings.Steps; i++)
            times[i] = Math.Pow(high + (i / (settings.Steps - 1.0) * (low - high)), settings.Rho);
        return times;
    }
}
