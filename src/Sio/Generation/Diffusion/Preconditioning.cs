using static TorchSharp.torch;

namespace Sio.Generation.Diffusion;

/// <summary>
/// The denoiser around a network F: D(x; σ) = c_skip(σ)·x + c_out(σ)·F(c_in(σ)·x; c_noise(σ)) (Karras et al. 2022, "Elucidating the design space of diffusion-based generative
/// models", arXiv 2206.00364, equation 7), with EDM's functions of table 1: F sees inputs and is asked for outputs of unit variance at every noise level.
/// </summary>
/// <param name="SigmaData">σ_data, the standard deviation of the images' values.</param>
internal sealed record Preconditioning(double SigmaData)
{
    private readonly double _variance = SigmaData * SigmaData;

    /// <summary>c_skip(σ) = σ_data² / (σ² + σ_data²).</summary>
    internal double Skip(double sigma) => _variance / ((sigma * sigma) + _variance);

    /// <summary>c_out(σ) = σ·σ_data / √(σ² + σ_data²).</summary>
    internal double Out(double sigma) => sigma * SigmaData / Math.Sqrt((sigma * sigma) + _variance);

    /// <summary>c_in(σ) = 1 / √(σ² + σ_data²).</summary>
    internal double In(double sigma) => 1 / Math.Sqrt((sigma * sigma) + _variance);

    /// <summary>c_noise(σ) = ln(σ) / 4.</summary>
    internal static double Noise(double sigma) => Math.Log(sigma) / 4;

    /// <summary>λ(σ) = (σ² + σ_data²) / (σ·σ_data)² = 1 / c_out(σ)²: the weight of a squared error.</summary>
    internal Tensor Weight(Tensor sigma) => (sigma.square() + _variance) / (sigma * SigmaData).square();

    /// <summary>The denoised images where every image has a noise level of its own, as in training.</summary>
    /// <param name="network">F, called with inputs [N,C,H,W] and c_noise [N].</param>
    /// <param name="x">Noisy images [N,C,H,W].</param>
    /// <param name="sigma">σ [N,1,1,1], above 0.</param>
    internal Tensor Denoise(Func<Tensor, Tensor, Tensor> network, Tensor x, Tensor sigma)
    {
        var total = sigma.square() + _variance;
        var root = total.sqrt();
        var output = network(x / root, sigma.log().flatten() / 4);
        return (x * (total.reciprocal() * _variance)).add(output * (sigma * SigmaData / root));
    }

    /// <summary>The denoised images where all have the same noise level, as in sampling.</summary>
    /// <param name="network">F, called with inputs [N,C,H,W] float32 and c_noise.</param>
    /// <param name="x">Noisy images [N,C,H,W], float32 or float64.</param>
    /// <param name="sigma">σ, above 0.</param>
    /// <returns>[N,C,H,W] of x's type.</returns>
    internal Tensor Denoise(Func<Tensor, double, Tensor> network, Tensor x, double sigma)
    {
        var output = network((x * In(sigma)).to(ScalarType.Float32), Noise(sigma));
        return (x * Skip(sigma)).add_(output.to(x.dtype), Out(sigma));
    }
}
