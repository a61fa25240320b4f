using Sio.Engine;
using Sio.Evaluation.Generated;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Evaluation.Generated;

/// <summary>Fréchet and kernel distance, against closed forms and sums worked out by hand.</summary>
public sealed class FeatureDistanceTests
{
    // Means 1 and 3; variances 2 and 8 with the divisor n − 1: 4 + (√2 − √8)² = 6.
    [Fact]
    public void Frechet_distance_of_two_pairs_of_numbers() => Assert.Equal(6, InScope(() => FrechetDistance.Compute(Points.Line(0, 2), Points.Line(1, 5))), 12);

    // Covariances that do not commute. For 2×2 matrices tr (AB)^½ = √(tr AB + 2·√det AB) = √(8 + 2·3).
    [Fact]
    public void Frechet_distance_of_two_Gaussians_in_the_plane()
    {
        var distance = InScope(() => FrechetDistance.Between(
            torch.tensor(new double[] { 1.0, 2.0 }, [2]), torch.tensor(new double[] { 2.0, 1, 1, 2 }, [2, 2]), torch.tensor(new double[] { 0.0, 0.0 }, [2]), torch.tensor(new double[] { 3.0, 0, 0, 1 }, [2, 2])));
        Assert.Equal(5 + 4 + 4 - (2 * Math.Sqrt(14)), distance, 12);
    }

    // All on the x-axis: the covariances are singular, and the distance is that of the numbers.
    [Fact]
    public void Frechet_distance_of_points_on_a_line_in_the_plane() =>
        Assert.Equal(6, InScope(() => FrechetDistance.Compute(torch.tensor(new double[] { 0.0, 0, 2, 0 }, [2, 2]), torch.tensor(new double[] { 1.0, 0, 5, 0 }, [2, 2]))), 7);

    [Fact]
    public void Frechet_distance_goes_over_blocks_and_is_none_for_a_set_itself()
    {
        using var scope = NewDisposeScope();
        var points = Points.Normal(2500, 6, seed: 1);
        Assert.Equal(0, FrechetDistance.Compute(points, points), 10);
        Assert.Equal(6 * 9, FrechetDistance.Compute(points, points + 3), 3);
        Assert.Equal(FrechetDistance.Compute(points, points * 2), FrechetDistance.Compute(points * 2, points), 10);
    }

    // k(x, y) = (xy + 1)³. Within {0, 1}: 1; within {1, 2}: 27; between: 1, 1, 8, 27, mean 37/4.
    [Fact]
    public void Kernel_distance_of_two_pairs_of_numbers() => Assert.Equal(1 + 27 - (2 * 37 / 4.0), InScope(() => KernelDistance.Compute(Points.Line(0, 1), Points.Line(1, 2))), 12);

    // With two features products are halved. Within {(1,1), (0,2)}: (2/2 + 1)³ = 8; within {(2,0), (0,0)}: 1; between: 8, 1, 1, 1, mean 11/4.
    [Fact]
    public void Kernel_distance_divides_products_by_the_width() =>
        Assert.Equal(8 + 1 - (2 * 11 / 4.0), InScope(() => KernelDistance.Compute(torch.tensor(new double[] { 1.0, 1, 0, 2 }, [2, 2]), torch.tensor(new double[] { 2.0, 0, 0, 0 }, [2, 2]))), 12);

    [Fact]
    public void Kernel_distance_has_no_bias_and_sees_a_shift()
    {
        using var scope = NewDisposeScope();
        var same = Enumerable.Range(0, 20).Select(i => KernelDistance.Compute(Points.Normal(60, 4, seed: 2 * i), Points.Normal(60, 4, seed: (2 * i) + 1))).ToArray();
        var (mean, error) = (same.Average(), Math.Sqrt(same.Sum(value => value * value)) / same.Length);
        Assert.True(Math.Abs(mean) < 4 * error, $"mean {mean}, standard error {error}");
        Assert.Contains(same, value => value < 0);
        Assert.True(KernelDistance.Compute(Points.Normal(2500, 4, seed: 1), Points.Normal(2500, 4, seed: 2, offset: 1)) > 10 * same.Max());
    }

    [Fact]
    public void Sets_that_do_not_fit_are_refused_and_nothing_leaks()
    {
        var before = TorchRuntime.LiveTensors;
        using (NewDisposeScope())
        {
            Assert.Throws<ArgumentException>(() => FrechetDistance.Compute(Points.Line(1), Points.Line(1, 2)));
            Assert.Throws<ArgumentException>(() => KernelDistance.Compute(Points.Line(1, 2), torch.zeros([2, 3])));
            FrechetDistance.Compute(Points.Line(1, 2), Points.Line(1, 2));
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    private static double InScope(Func<double> compute)
    {
        using var scope = NewDisposeScope();
        return compute();
    }
}
