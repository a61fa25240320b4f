using Sio.Generation.Diffusion;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Generation.Diffusion;

public sealed class NoiseLevelsTests
{
    [Fact]
    public void Time_steps_fall_from_the_highest_over_the_lowest_level_to_none()
    {
        var times = NoiseLevels.TimeSteps(new DiffusionSampling());
        Assert.Equal(19, times.Length);
        Assert.Equal(80, times[0], 9);
        Assert.Equal(0.002, times[17], 12);
        Assert.Equal(0, times[18]);
        Assert.Equal(times.OrderDescending(), times);
        // Equation 5, i = 9 of N = 18, by its own words.
        Assert.Equal(Math.Pow(Math.Pow(80, 1 / 7.0) + (9 / 17.0 * (Math.Pow(0.002, 1 / 7.0) - Math.Pow(80, 1 / 7.0))), 7), times[9], 12);
    }

    [Fact]
    public void With_rho_1_all_steps_but_the_last_are_of_one_length() =>
        Assert.Equal([5, 4, 3, 2, 1, 0], NoiseLevels.TimeSteps(new DiffusionSampling { Steps = 5, Rho = 1, SigmaMax = 5, SigmaMin = 1 }).Select(time => Math.Round(time, 12)));

    [Fact]
    public void Levels_to_train_with_are_log_normal()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(4);
        var levels = NoiseLevels.Draw(20_000, -1.2, 1.2, generator);
        Assert.Equal([20_000L, 1, 1, 1], levels.shape);
        var logarithms = levels.log();
        Assert.InRange(logarithms.mean().ToDouble(), -1.24, -1.16);
        Assert.InRange(Math.Sqrt(logarithms.var([0, 1, 2, 3], unbiased: true).ToDouble()), 1.17, 1.23);
        Assert.InRange(NoiseLevels.Draw(4, 0.5, 0, generator).log().min().ToDouble(), 0.4999, 0.5001);
    }
}
