namespace Sio.Evaluation;

/// <summary>
/// The rank-sum test of Mann &amp; Whitney 1947, "On a Test of Whether one of Two Random Variables is Stochastically Larger than the Other".
/// </summary>
/// <param name="U">Pairs in which the first sample's value is the larger, pairs of equal values counted half.</param>
/// <param name="Z">
/// (U − nm/2)/σ, normal with variance 1 for large samples of one distribution: above 0 where the first sample's values tend to be larger. σ² = nm/12·(N + 1 − Σ(t³ − t)/(N(N − 1))) over groups of t
/// equal values, N = n + m (Lehmann 1975, "Nonparametrics", chapter 1). 0 where all values are equal.
/// </param>
public sealed record MannWhitney(double U, double Z)
{
    /// <summary>Compares two samples.</summary>
    /// <param name="first">n ≥ 1 numbers; infinities are values like others.</param>
    /// <param name="second">m ≥ 1 numbers.</param>
    /// <exception cref="ArgumentException">A sample is empty, or holds NaN.</exception>
    public static MannWhitney Compute(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        if (first.IsEmpty || second.IsEmpty)
            throw new ArgumentException($"Samples of {first.Length} and {second.Length} values were given, each needs at least one.");
        double n = first.Length, m = second.Length, total = n + m;
        var values = new double[first.Length + second.Length];
        var isFirst = new bool[values.Length];
        first.CopyTo(values);
        second.CopyTo(values.AsSpan(first.Length));
        isFirst.AsSpan(0, first.Length).Fill(true);
        if (Array.Exists(values, double.IsNaN))
            throw new ArgumentException("A value is NaN, numbers were expected.");
        Array.Sort(values, isFirst);

        double ranks = 0, ties = 0;
        for (int start = 0, end; start < values.Length; start = end)
        {
            var ours = 0;
            for (end = start; end < values.Length && values[end] == values[start]; end++)
                ours += isFirst[end] ? 1 : 0;
            double size = end - start;
            ranks += ours * (start + ((size + 1) / 2));
            ties += ((size * size) - 1) * size;
        }

        var u = ranks - (n * (n + 1) / 2);
        var variance = n * m / 12 * (total + 1 - (ties / (total * (total - 1))));
        return new MannWhitney(u, variance > 0 ? (u - (n * m / 2)) / Math.Sqrt(variance) : 0);
    }
}
