using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Evaluation.Generated;

/// <summary>
/// How generated points lie among real ones, by balls around each point that reach to its k-th neighbour of its own kind.
/// </summary>
/// <remarks>
/// <para>Precision: share of generated points in a ball of any real one; recall: share of real points in a ball of any generated one (Kynkäänniemi et al. 2019, "Improved
/// Precision and Recall Metric for Assessing Generative Models", equations 1 and 2; the paper takes k = 3). Density: how many real balls a generated point lies in, over k,
/// on average; coverage: share of real points with a generated one in their ball (Naeem et al. 2020, "Reliable Fidelity and Diversity Metrics for Generative Models",
/// section 3; k = 5). Realism: the largest ratio of a real ball's radius to the distance from its centre, over the smaller half of the balls (Kynkäänniemi et al.
/// 2019, equation 3).</para>
/// <para>Balls are closed, and a point within a relative 1e-9 of a squared radius is inside: rounding shall not decide ties. All values depend on the numbers of points;
/// compare values for equal numbers only. For two samples of n points each from one distribution the expected coverage is
/// <see cref="ExpectedCoverage"/>.</para>
/// </remarks>
public sealed class ManifoldMeasures
{
    private const double Tie = 1e-9;
    private const double Nothing = 1e-30;

    private ManifoldMeasures(int k, int[] ballsAround, bool[] reached, bool[] covered, double[] realism) =>
        (K, BallsAround, Reached, Covered, Realism) = (k, ballsAround, reached, covered, realism);

    /// <summary>k.</summary>
    public int K { get; }

    /// <summary>In how many real balls each generated point lies.</summary>
    public int[] BallsAround { get; }

    /// <summary>Whether each real point lies in a generated ball.</summary>
    public bool[] Reached { get; }

    /// <summary>Whether each real point has a generated one in its ball.</summary>
    public bool[] Covered { get; }

    /// <summary>The realism of each generated point, ≥ 0; above 1 it lies in a ball of the smaller half.</summary>
    public double[] Realism { get; }

    /// <summary>0 to 1.</summary>
    public double Precision => BallsAround.Count(balls => balls > 0) / (double)BallsAround.Length;

    /// <summary>0 to 1.</summary>
    public double Recall => Reached.Count(reached => reached) / (double)Reached.Length;

    /// <summary>≥ 0; about 1 for points of the real distribution.</summary>
    public double Density => BallsAround.Sum(balls => (double)balls) / K / BallsAround.Length;

    /// <summary>0 to 1.</summary>
    public double Coverage => Covered.Count(covered => covered) / (double)Covered.Length;

    /// <summary>Computes all of them; memory is that of a block of pairs.</summary>
    /// <param name="real">[n,D], floating-point, finite; n &gt; k.</param>
    /// <param name="generated">[m,D] likewise; m &gt; k.</param>
    /// <param name="k">Which neighbour a ball reaches to, ≥ 1.</param>
    /// <exception cref="ArgumentException">Shapes do not fit, or a set has no more than k rows.</exception>
    public static ManifoldMeasures Compute(Tensor real, Tensor generated, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        PointBlocks.Check(real, generated, k + 1);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (r, g) = PointBlocks.Centred(real, generated);
        var (realRadii, generatedRadii) = (SquaredRadii(r, k), SquaredRadii(g, k));
        var (realLimits, generatedLimits) = (realRadii * (1 + Tie), generatedRadii * (1 + Tie));
        var largest = Median(realRadii);
        var (n, m) = ((int)r.size(0), (int)g.size(0));
        var (around, realism, reached, covered) = (new int[m], new double[m], new bool[n], new bool[n]);
        PointBlocks.ForEach(g, (first, generatedBlock) => PointBlocks.ForEach(r, (start, realBlock) =>
        {
            var rows = generatedBlock.size(0);
            var squares = PointBlocks.SquaredDistances(generatedBlock, realBlock);
            var inReal = Within(squares, realLimits.narrow(0, start, realBlock.size(0)));
            var inGenerated = Within(squares, generatedLimits.narrow(0, first, rows).unsqueeze(1));
            Add(inReal.sum(1), around, first);
            Mark(inReal.sum(dim: 0), covered, start);
            Mark(inGenerated.sum(dim: 0), reached, start);

            // A real point with a ball beyond the median says nothing here; one at the very place of a generated point says a great deal, but not infinity.
            var radii = realRadii.narrow(0, start, realBlock.size(0));
            var ratios = radii.masked_fill(radii.gt(largest), 0) / squares.clamp(min: Nothing);
            var best = ratios.amax([1]).sqrt().ToArray<double>();
            for (var i = 0; i < best.Length; i++)
                realism[first + i] = Math.Max(realism[first + i], best[i]);
        }));
        return new ManifoldMeasures(k, around, reached, covered, realism);
    }

    /// <summary>
    /// Coverage expected of m points against n from the same distribution, where no two distances are equal: 1 − Π_{i=1..k} (n − i)/(m + n − i), near 1 − 2⁻ᵏ for m = n
    /// (Naeem et al. 2020, Lemma 2).
    /// </summary>
    /// <param name="real">n &gt; k.</param>
    /// <param name="generated">m ≥ 0.</param>
    /// <param name="k">≥ 1.</param>
    public static double ExpectedCoverage(int real, int generated, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(real, k);
        ArgumentOutOfRangeException.ThrowIfNegative(generated);
        var missed = 1.0;
        for (var i = 1; i <= k; i++)
            missed *= (real - i) / (double)(generated + real - i);
        return 1 - missed;
    }

    /// <summary>The squared distance of each point to its k-th neighbour among the others, [n] float64.</summary>
    internal static Tensor SquaredRadii(Tensor points, int k)
    {
        var radii = torch.empty([points.size(0)], dtype: ScalarType.Float64);
        PointBlocks.ForEach(points, (start, block) =>
        {
            // The point itself is the nearest, at distance 0; where others are as near, it does not matter which of them counts as it.
            Tensor? nearest = null;
            PointBlocks.ForEach(points, (_, others) =>
            {
                using var inner = NewDisposeScope();
                var squares = PointBlocks.SquaredDistances(block, others);
                var all = nearest is null ? squares : torch.cat([nearest, squares], dim: 1);
                var kept = all.topk((int)Math.Min(k + 1, all.size(1)), dim: 1, largest: false, sorted: true).values.DetachFromDisposeScope();
                nearest?.Dispose();
                nearest = kept;
            });
            using (nearest)
                radii.narrow(0, start, block.size(0)).copy_(nearest!.select(1, k));
        });
        return radii;
    }

    private static Tensor Within(Tensor squares, Tensor limits) => squares.le(limits).to(ScalarType.Int32);

    private static double Median(Tensor radii)
    {
        var sorted = radii.ToArray<double>();
        Array.Sort(sorted);
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private static void Add(Tensor counts, int[] sums, int start)
    {
        var values = counts.ToArray<long>();
        for (var i = 0; i < values.Length; i++)
            sums[start + i] += (int)values[i];
    }

    private static void Mark(Tensor counts, bool[] marks, int start)
    {
        var values = counts.ToArray<long>();
        for (var i = 0; i < values.Length; i++)
            marks[start + i] |= values[i] > 0;
    }
}
