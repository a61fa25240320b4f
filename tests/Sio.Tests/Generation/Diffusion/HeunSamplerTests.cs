using Sio.Engine;
using Sio.Generation.Diffusion;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Generation.Diffusion;

/// <summary>
/// Where the data are normal with deviation σ_data, everything is known: D(x; σ) = x·σ_data² / (σ_data² + σ²), and along the flow x is proportional to √(σ_data² + σ²).
/// </summary>
public sealed class HeunSamplerTests
{
    private const double Data = 0.5;

    [Fact]
    public void The_error_falls_by_four_when_steps_double()
    {
        using var scope = NewDisposeScope();
        var errors = new[] { 40, 80, 160 }.Select(Error).ToArray();
        Assert.InRange(errors[0] / errors[1], 3.6, 4.4);
        Assert.InRange(errors[1] / errors[2], 3.6, 4.4);
        Assert.InRange(errors[2], 1e-12, 2e-3);

        static double Error(int steps)
        {
            // So low a level before the last step that Euler's method, which makes it, adds nothing that counts.
            var settings = new DiffusionSampling { Steps = steps, SigmaMin = 1e-6 };
            var noise = Noise(64);
            var exact = noise * (settings.SigmaMax * Data / Math.Sqrt((Data * Data) + (settings.SigmaMax * settings.SigmaMax)));
            return ToyDiffusion.Largest(new HeunSampler(settings).Run(Gaussian, noise, _ => throw new InvalidOperationException("no fresh noise was asked for")), exact);
        }
    }

    [Fact]
    public void Each_step_but_the_last_evaluates_twice()
    {
        using var scope = NewDisposeScope();
        var levels = new List<double>();
        var settings = new DiffusionSampling { Steps = 4 };
        new HeunSampler(settings).Run((x, sigma) =>
        {
            levels.Add(sigma);
            return Gaussian(x, sigma);
        }, Noise(2), step => Noise(2, step));
        var times = NoiseLevels.TimeSteps(settings);
        Assert.Equal([times[0], times[1], times[1], times[2], times[2], times[3], times[3]], levels);
    }

    [Fact]
    public void Without_churn_or_outside_its_range_the_stochastic_sampler_is_the_deterministic_one()
    {
        using var scope = NewDisposeScope();
        var noise = Noise(50);
        var deterministic = new HeunSampler(new DiffusionSampling()).Run(Gaussian, noise, _ => throw new InvalidOperationException());
        var outside = new HeunSampler(new DiffusionSampling { Churn = 30, ChurnMin = 81 }).Run(Gaussian, noise, _ => throw new InvalidOperationException());
        var below = new HeunSampler(new DiffusionSampling { Churn = 30, ChurnMax = 0.001 }).Run(Gaussian, noise, _ => throw new InvalidOperationException());
        Assert.True(deterministic.ValuesEqual(outside));
        Assert.True(deterministic.ValuesEqual(below));
        var fresh = new List<int>();
        var stochastic = new HeunSampler(new DiffusionSampling { Churn = 30, ChurnMin = 0.05, ChurnMax = 50 }).Run(Gaussian, noise, step =>
        {
            fresh.Add(step);
            return Noise(50, step);
        });
        Assert.False(deterministic.ValuesEqual(stochastic));
        var times = NoiseLevels.TimeSteps(new DiffusionSampling());
        Assert.Equal(Enumerable.Range(0, 18).Where(i => times[i] is >= 0.05 and <= 50), fresh);
    }

    [Fact]
    public void Churn_is_shared_out_over_the_steps_and_limited()
    {
        Assert.Equal(0.5 / 18, new HeunSampler(new DiffusionSampling { Churn = 0.5 }).Churn(3), 12);
        Assert.Equal(Math.Sqrt(2) - 1, new HeunSampler(new DiffusionSampling { Churn = 40 }).Churn(3), 12);
        Assert.Equal(0, new HeunSampler(new DiffusionSampling { Churn = 40, ChurnMax = 1 }).Churn(0));
    }

    // Fresh noise and the longer step that takes it away again leave the distribution as it is; too much noise does not.
    [Theory]
    [InlineData(1, 0.49, 0.51)]
    [InlineData(1.1, 0.52, 0.7)]
    public void Churn_keeps_the_distribution(double scale, double least, double most)
    {
        using var scope = NewDisposeScope();
        var settings = new DiffusionSampling { Steps = 60, Churn = 15, ChurnNoise = scale };
        var samples = new HeunSampler(settings).Run(Gaussian, Noise(40_000), step => Noise(40_000, step));
        Assert.InRange(Math.Sqrt(samples.var([0], unbiased: true).ToDouble()), least, most);
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        var before = TensorCount.Settled();
        using (var scope = NewDisposeScope())
        {
            var noise = Noise(3);
            var held = TorchRuntime.LiveTensors;
            var samples = new HeunSampler(new DiffusionSampling { Churn = 5 }).Run(Gaussian, noise, step => Noise(3, step));
            Assert.Equal(held + 1, TorchRuntime.LiveTensors);
            Assert.Equal(ScalarType.Float64, samples.dtype);
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    private static Tensor Gaussian(Tensor x, double sigma) => x * (Data * Data / ((Data * Data) + (sigma * sigma)));

    private static Tensor Noise(int count) => Noise(count, 99);

    private static Tensor Noise(int count, int seed)
    {
        using var generator = new Generator((ulong)seed + 1);
        return torch.randn([count], dtype: ScalarType.Float64, generator: generator);
    }
}
