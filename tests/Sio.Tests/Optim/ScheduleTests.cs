using Sio.Engine;
using Sio.Optim;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Optim;

public sealed class ScheduleTests
{
    private const double Tolerance = 1e-12;

    // Worked out from OneCycleLR's two phases: 10 steps, 30 % of them up, so the peak is at 0.3·10 − 1 = 2 and the end at 9.
    [Fact]
    public void One_cycle_rises_to_the_peak_and_falls_to_the_end()
    {
        var linear = new OneCycleSchedule(1, 10, 0.3, initialDivisor: 4, finalDivisor: 10, CycleShape.Linear);
        double[] expected = [0.25, 0.625, 1, 1 - (0.975 / 7), 1 - (2 * 0.975 / 7), 1 - (3 * 0.975 / 7), 1 - (4 * 0.975 / 7), 1 - (5 * 0.975 / 7), 1 - (6 * 0.975 / 7), 0.025];
        Near(expected, linear, 10);

        var cosine = new OneCycleSchedule(1, 10, 0.3, 4, 10);
        Assert.Equal(0.25, cosine.LearningRate(0), Tolerance);
        Assert.Equal(0.625, cosine.LearningRate(1), Tolerance);
        Assert.Equal(1, cosine.LearningRate(2), Tolerance);
        Assert.Equal(0.025 + (0.975 / 2 * (1 + Math.Cos(Math.PI * 3 / 7))), cosine.LearningRate(5), Tolerance);
        Assert.Equal(0.025, cosine.LearningRate(9), Tolerance);
        Assert.Equal(0.025, cosine.LearningRate(500), Tolerance);
    }

    [Theory]
    [InlineData(1, 0.3)]
    [InlineData(2, 0.5)]
    [InlineData(10, 0)]
    [InlineData(10, 0.1)]
    [InlineData(10, 1)]
    public void One_cycle_is_a_number_in_its_bounds_however_short_a_phase_is(int steps, double rise)
    {
        foreach (var shape in Enum.GetValues<CycleShape>())
        {
            var schedule = new OneCycleSchedule(2, steps, rise, 5, 4, shape);
            Assert.All(Enumerable.Range(0, steps + 2), step => Assert.InRange(schedule.LearningRate(step), 0.1 - Tolerance, 2 + Tolerance));
        }
    }

    [Fact]
    public void Milestones_multiply_from_their_step_on()
    {
        Near([8, 8, 4, 4, 2, 2], new MultiStepSchedule(8, [2, 4], 0.5), 6);
        foreach (var milestones in new long[][] { [], [0], [3, 3], [4, 2] })
            Assert.Throws<ArgumentException>(() => new MultiStepSchedule(1, milestones));
    }

    [Fact]
    public void Warm_up_is_a_factor_on_any_schedule()
    {
        Near([0.5, 1, 1.5, 2, 2], new WarmUpSchedule(new ConstantSchedule(2), 4), 5);
        var cosine = new CosineSchedule(1, 20);
        var warmed = new WarmUpSchedule(cosine, 5);
        for (var step = 0; step < 20; step++)
            Assert.Equal(cosine.LearningRate(step) * Math.Min(1, (step + 1) / 5.0), warmed.LearningRate(step), Tolerance);
        Near([3, 3], new WarmUpSchedule(new ConstantSchedule(3), 0), 2);
    }

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConstantSchedule(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConstantSchedule(double.PositiveInfinity));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OneCycleSchedule(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OneCycleSchedule(1, 5, rise: 1.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OneCycleSchedule(1, 5, initialDivisor: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WarmUpSchedule(new ConstantSchedule(1), -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConstantSchedule(1).LearningRate(-1));
    }

    [Fact]
    public void Gradients_are_clipped_by_the_norm_of_all_of_them()
    {
        using var scope = NewDisposeScope();
        var (a, b, none) = (torch.tensor(new double[] { 0.0, 0.0 }), torch.tensor(new double[] { 0.0 }), torch.tensor(new double[] { 1.0 }));
        using var optimizer = new Sgd([new ParameterGroup([a, none]), new ParameterGroup([b])], 0.1);
        Assert.Equal(0, Gradients.Norm(optimizer));
        (a.grad, b.grad) = (torch.tensor(new double[] { 3.0, 0.0 }), torch.tensor(new double[] { 4.0 }));
        Assert.Equal(5, Gradients.Norm(optimizer), Tolerance);

        // Short enough: as they are, to the bit.
        Assert.Equal(5, Gradients.Clip(optimizer, 6), Tolerance);
        Assert.Equal([3.0, 0.0], a.grad!.ToArray<double>());
        Assert.Equal(5, Gradients.Clip(optimizer, 2), Tolerance);
        Assert.Equal(3 * (2 / (5 + 1e-6)), a.grad!.ToArray<double>()[0], Tolerance);
        Assert.Equal(4 * (2 / (5 + 1e-6)), b.grad!.ToDouble(), Tolerance);
        Gradients.Scale(optimizer, 0.5);
        Assert.Equal(2 * (2 / (5 + 1e-6)), b.grad!.ToDouble(), Tolerance);

        b.grad = torch.tensor(new double[] { double.NaN });
        Assert.Equal(double.NaN, Gradients.Clip(optimizer, 1));
        Assert.True(a.grad!.ToArray<double>()[0] > 0.5);
    }

    private static void Near(double[] expected, LearningRateSchedule schedule, int steps)
    {
        Assert.Equal(expected.Length, steps);
        for (var step = 0; step < steps; step++)
            Assert.Equal(expected[step], schedule.LearningRate(step), Tolerance);
    }
}
