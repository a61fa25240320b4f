using Sio.Engine;
using Sio.Generation.Diffusion;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Generation.Diffusion;

public sealed class PreconditioningTests
{
    private static readonly Preconditioning s_half = new(0.5);

    // Table 1 of Karras et al. 2022, column "EDM", by hand for σ_data = 0.5: at σ = 0.5 the sum of variances is 0.5, at σ = 1.2 it is 1.69 = 1.3².
    [Fact]
    public void The_functions_are_those_of_table_1()
    {
        Assert.Equal(0.5, s_half.Skip(0.5), 12);
        Assert.Equal(0.25 / Math.Sqrt(0.5), s_half.Out(0.5), 12);
        Assert.Equal(Math.Sqrt(2), s_half.In(0.5), 12);
        Assert.Equal(0.25 / 1.69, s_half.Skip(1.2), 12);
        Assert.Equal(0.6 / 1.3, s_half.Out(1.2), 12);
        Assert.Equal(1 / 1.3, s_half.In(1.2), 12);
        Assert.Equal(0.25, Preconditioning.Noise(Math.E), 12);
        Assert.Equal(-0.25, Preconditioning.Noise(1 / Math.E), 12);
        Assert.Equal(1.2 * 2 / Math.Sqrt(1.44 + 4), new Preconditioning(2).Out(1.2), 12);
    }

    [Fact]
    public void The_weight_of_a_squared_error_is_one_over_c_out_squared()
    {
        using var scope = NewDisposeScope();
        double[] sigmas = [0.002, 0.05, 0.5, 1.2, 7, 80];
        var weights = s_half.Weight(torch.tensor(sigmas)).ToArray<double>();
        for (var i = 0; i < sigmas.Length; i++)
            Assert.Equal(1, weights[i] * s_half.Out(sigmas[i]) * s_half.Out(sigmas[i]), 10);
    }

    // F*(x) = (y − c_skip·x) / c_out is what the network is asked for (equation 8): then D is the clean image, at any noise level.
    [Fact]
    public void With_a_perfect_network_the_denoised_image_is_the_clean_one()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        double[] sigmas = [0.002, 0.3, 4, 80];
        var clean = torch.randn([4, 2, 3, 3], dtype: ScalarType.Float64, generator: generator) * 0.5;
        var sigma = torch.tensor(sigmas, [4, 1, 1, 1]);
        var noisy = clean + sigma * torch.randn([4, 2, 3, 3], dtype: ScalarType.Float64, generator: generator);
        var many = s_half.Denoise(
            (input, noise) =>
            {
                Assert.Equal(sigmas.Select(value => Math.Round(Math.Log(value) / 4, 10)), noise.ToArray<double>().Select(value => Math.Round(value, 10)));
                return torch.cat([.. sigmas.Select((value, i) => Perfect(i, value, input.narrow(0, i, 1)))]);
            },
            noisy,
            sigma);
        Assert.InRange(ToyDiffusion.Largest(many, clean), 0, 1e-12);
        for (var i = 0; i < sigmas.Length; i++)
        {
            var row = i;
            var one = s_half.Denoise(
                (input, noise) =>
                {
                    Assert.Equal(ScalarType.Float32, input.dtype);
                    Assert.Equal(Math.Log(sigmas[row]) / 4, noise, 12);
                    return Perfect(row, sigmas[row], noisy.narrow(0, row, 1) * s_half.In(sigmas[row]));
                },
                noisy.narrow(0, i, 1),
                sigmas[i]);
            Assert.InRange(ToyDiffusion.Largest(one, clean.narrow(0, i, 1)), 0, 1e-12);
        }

        Tensor Perfect(int row, double level, Tensor input) => (clean.narrow(0, row, 1) - input * (s_half.Skip(level) / s_half.In(level))) / s_half.Out(level);
    }

    // What table 1 is made for: inputs and targets of unit variance, whatever the noise.
    [Theory]
    [InlineData(0.01)]
    [InlineData(1)]
    [InlineData(50)]
    public void Inputs_and_targets_of_the_network_have_unit_variance(double sigma)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(2);
        var clean = torch.randn([1, 1, 200, 200], generator: generator) * 0.5;
        var noisy = clean + torch.randn([1, 1, 200, 200], generator: generator) * sigma;
        Assert.InRange((noisy * s_half.In(sigma)).var([0, 1, 2, 3], unbiased: true).ToDouble(), 0.97, 1.03);
        Assert.InRange(((clean - noisy * s_half.Skip(sigma)) / s_half.Out(sigma)).var([0, 1, 2, 3], unbiased: true).ToDouble(), 0.97, 1.03);
    }
}
