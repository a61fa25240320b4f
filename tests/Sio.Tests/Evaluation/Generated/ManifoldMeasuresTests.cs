using Sio.Engine;
using Sio.Evaluation.Generated;
using static TorchSharp.torch;

namespace Sio.Tests.Evaluation.Generated;

public sealed class ManifoldMeasuresTests
{
    // k = 1. Real balls: 0 and 1 reach 1 far, 3 reaches 2, 7 reaches 4, 100 and 101 reach 1. Generated balls: 0.5 and 4 reach 3.5, 20 and 21 reach 1.
    private static readonly double[] s_real = [0, 1, 3, 7, 100, 101], s_generated = [0.5, 4, 20, 21];

    [Fact]
    public void Numbers_on_a_line()
    {
        var m = Compute(s_real, s_generated, 1);
        Assert.Equal([2, 2, 0, 0], m.BallsAround); // 0.5 in those of 0 and 1; 4 in those of 3 ([1, 5]) and 7 ([3, 11])
        Assert.Equal([true, true, true, true, false, false], m.Covered);
        Assert.Equal([true, true, true, true, false, false], m.Reached); // 0, 1, 3 and 7 in [−3, 4] and [0.5, 7.5]
        Assert.Equal((0.5, 4 / 6.0, 1.0, 4 / 6.0), (m.Precision, m.Recall, m.Density, m.Coverage));

        // Balls of the smaller half reach 1: those of 0, 1, 100 and 101. Nearest of their centres: 1 − 0.5, 4 − 1, 20 − 1, 21 − 1.
        Assert.Equal([2, 1 / 3.0, 1 / 19.0, 1 / 20.0], m.Realism.Select(value => Math.Round(value, 12)), (a, b) => Math.Abs(a - b) < 1e-11);
    }

    // k = 2: real balls reach 3, 2, 3, 6, 93, 94 far, generated ones 19.5, 16, 16, 17.
    [Fact]
    public void A_larger_k_reaches_further()
    {
        var m = Compute(s_real, s_generated, 2);
        Assert.Equal([3, 2, 2, 2], m.BallsAround); // 0.5 in 0, 1, 3; 4 in 3 and 7; 20 and 21 in 100 ([7, 193]) and 101
        Assert.Equal((1.0, 4 / 6.0, 9 / 8.0, 1.0), (m.Precision, m.Recall, m.Density, m.Coverage));
    }

    [Fact]
    public void A_set_among_itself_is_all_inside()
    {
        using var scope = NewDisposeScope();
        var points = Points.Normal(300, 3, seed: 1);
        var m = ManifoldMeasures.Compute(points, points, 4);
        Assert.Equal((1.0, 1.0, 1.0), (m.Precision, m.Recall, m.Coverage));
        Assert.Equal(1 + (1 / 4.0), m.Density, 12); // each point in its own ball, and on average in those of four others
    }

    [Fact]
    public void Blocks_give_what_all_pairs_at_once_give()
    {
        const int n = 1100, m = 1300, k = 3;
        using var scope = NewDisposeScope();
        var (real, generated) = (Points.Normal(n, 2, seed: 1), Points.Normal(m, 2, seed: 2, offset: 0.5));
        var measures = ManifoldMeasures.Compute(real, generated, k);
        var (r, g) = (real.ToArray<float>(), generated.ToArray<float>());
        var (realRadii, generatedRadii) = (Radii(r, n), Radii(g, m));
        for (var i = 0; i < m; i += 7)
            Assert.Equal(Enumerable.Range(0, n).Count(j => Points.Distance(g, i, r, j, 2) <= realRadii[j]), measures.BallsAround[i]);
        for (var j = 0; j < n; j += 7)
        {
            Assert.Equal(Enumerable.Range(0, m).Any(i => Points.Distance(g, i, r, j, 2) <= realRadii[j]), measures.Covered[j]);
            Assert.Equal(Enumerable.Range(0, m).Any(i => Points.Distance(g, i, r, j, 2) <= generatedRadii[i]), measures.Reached[j]);
        }

        static double[] Radii(float[] points, int count) =>
            [.. Enumerable.Range(0, count).Select(i => Enumerable.Range(0, count).Where(j => j != i).Select(j => Points.Distance(points, i, points, j, 2)).Order().ElementAt(k - 1))];
    }

    [Fact]
    public void Coverage_of_a_perfect_generator_is_what_theory_expects()
    {
        Assert.Equal(1 - (3 * 2 / (7.0 * 6)), ManifoldMeasures.ExpectedCoverage(4, 4, 2), 12);
        Assert.Equal(1 - Math.Pow(2, -5), ManifoldMeasures.ExpectedCoverage(1_000_000, 1_000_000, 5), 5);
        using var scope = NewDisposeScope();
        var m = ManifoldMeasures.Compute(Points.Normal(2000, 2, seed: 1), Points.Normal(2000, 2, seed: 2), 5);
        Assert.Equal(ManifoldMeasures.ExpectedCoverage(2000, 2000, 5), m.Coverage, 0.02);
        Assert.Equal(1, m.Density, 0.05);
    }

    [Fact]
    public void Identical_points_and_copies_give_numbers()
    {
        var m = Compute([1, 1, 1, 1], [1, 1, 2], 1);
        Assert.Equal([4, 4, 0], m.BallsAround);
        Assert.All(m.Realism, value => Assert.True(double.IsFinite(value)));
    }

    [Fact]
    public void Too_few_points_are_refused_and_nothing_leaks()
    {
        var before = TorchRuntime.LiveTensors;
        Assert.Throws<ArgumentException>(() => Compute([1, 2], [1, 2, 3], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Compute([1, 2], [1, 2, 3], 0));
        Compute([1, 2], [1, 2], 1);
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    private static ManifoldMeasures Compute(double[] real, double[] generated, int k)
    {
        using var scope = NewDisposeScope();
        return ManifoldMeasures.Compute(Points.Line(real), Points.Line(generated), k);
    }
}
