using System.Numerics;

namespace Sio.Evaluation;

/// <summary>An AUROC with its standard error and interval, in per cent.</summary>
/// <param name="Auroc">Area under the ROC curve, 0 to 100.</param>
/// <param name="StandardError">Square root of DeLong's variance; 0 where the sets do not overlap.</param>
/// <param name="Low">Lower end of the interval, at least 0.</param>
/// <param name="High">Upper end, at most 100.</param>
public readonly record struct AurocEstimate(double Auroc, double StandardError, double Low, double High);

/// <summary>The difference of two AUROCs on the same images, in percentage points.</summary>
/// <param name="Difference">The second AUROC minus the first, -100 to 100.</param>
/// <param name="StandardError">Square root of DeLong's variance of the difference.</param>
/// <param name="Low">Lower end of the interval, at least -100.</param>
/// <param name="High">Upper end, at most 100.</param>
/// <param name="Z">Difference / standard error; 0 where the difference is 0, infinite where only the error is.</param>
/// <param name="P">Two-sided p-value of no difference, 0 to 1.</param>
public readonly record struct AurocDifference(double Difference, double StandardError, double Low, double High, double Z, double P);

/// <summary>
/// Variance, interval and test for AUROC and for the difference of two AUROCs that were measured on the same images.
/// DeLong, DeLong &amp; Clarke-Pearson 1988 (Biometrics 44, 837-845).
/// </summary>
/// <remarks>
/// <para>With V_i = P(score of ID sample i &gt; OOD score) + P(equal) / 2 over the m OOD samples, and W_j likewise over the n ID samples:
/// AUROC = mean V, var = s²(V) / n + s²(W) / m. For a difference V and W are the differences of both detectors' values, image
/// by image, which is where the covariance comes from.</para>
/// <para>V and W are counts, exact under ties, found by bisection in the sorted scores; they are what Sun &amp; Xu 2014 (IEEE Signal
/// Processing Letters 21, 1389-1393) get as differences of midranks. O((n + m) log(n + m)); nothing of size n × m.</para>
/// <para>The interval is the normal one, AUROC ± z · SE, cut off at the ends of the scale. It has no width where the two sets do
/// not overlap at all.</para>
/// </remarks>
public static class DeLong
{
    /// <summary>AUROC with its interval.</summary>
    /// <param name="idScores">Scores of the ID samples, at least two; higher means more in-distribution.</param>
    /// <param name="oodScores">Scores of the OOD samples, at least two.</param>
    /// <param name="level">Confidence level of the interval, in (0, 1).</param>
    /// <exception cref="ArgumentException">A set has fewer than two scores, or holds NaN.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The level is out of range.</exception>
    public static AurocEstimate Estimate(ReadOnlySpan<double> idScores, ReadOnlySpan<double> oodScores, double level = 0.95)
    {
        var reach = NormalDistribution.TwoSidedQuantile(level);
        var placed = Place(idScores, oodScores);
        var auroc = placed.Total / (2.0 * idScores.Length * oodScores.Length);
        var error = placed.StandardError();
        return new AurocEstimate(100 * auroc, 100 * error, 100 * Math.Max(0, auroc - (reach * error)), 100 * Math.Min(1, auroc + (reach * error)));
    }

    /// <inheritdoc cref="Estimate(ReadOnlySpan{double}, ReadOnlySpan{double}, double)"/>
    public static AurocEstimate Estimate(ReadOnlySpan<float> idScores, ReadOnlySpan<float> oodScores, double level = 0.95) =>
        Estimate(Widen(idScores), Widen(oodScores), level);

    /// <summary>The second detector's AUROC minus the first's, on the same images, with its interval and test.</summary>
    /// <param name="idFirst">The first detector's ID scores, at least two.</param>
    /// <param name="oodFirst">The first detector's OOD scores, at least two.</param>
    /// <param name="idSecond">The second detector's scores of the same ID images, in the same order.</param>
    /// <param name="oodSecond">The second detector's scores of the same OOD images, in the same order.</param>
    /// <param name="level">Confidence level of the interval, in (0, 1).</param>
    /// <exception cref="ArgumentException">Lengths differ, a set has fewer than two scores, or holds NaN.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The level is out of range.</exception>
    public static AurocDifference Difference(
        ReadOnlySpan<double> idFirst, ReadOnlySpan<double> oodFirst, ReadOnlySpan<double> idSecond, ReadOnlySpan<double> oodSecond,
        double level = 0.95)
    {
        if (idFirst.Length != idSecond.Length || oodFirst.Length != oodSecond.Length)
            throw new ArgumentException($"The first detector scored {idFirst.Length} ID and {oodFirst.Length} OOD images, the second {idSecond.Length} and {oodSecond.Length}; they must be the same images.");

        var reach = NormalDistribution.TwoSidedQuantile(level);
        var placed = Place(idSecond, oodSecond).Minus(Place(idFirst, oodFirst));
        var difference = placed.Total / (2.0 * idFirst.Length * oodFirst.Length);
        var error = placed.StandardError();
        var z = difference == 0 ? 0 : difference / error;
        return new AurocDifference(
            100 * difference, 100 * error, 100 * Math.Max(-1, difference - (reach * error)), 100 * Math.Min(1, difference + (reach * error)),
            z, NormalDistribution.TwoSidedTail(z));
    }

    /// <inheritdoc cref="Difference(ReadOnlySpan{double}, ReadOnlySpan{double}, ReadOnlySpan{double}, ReadOnlySpan{double}, double)"/>
    public static AurocDifference Difference(
        ReadOnlySpan<float> idFirst, ReadOnlySpan<float> oodFirst, ReadOnlySpan<float> idSecond, ReadOnlySpan<float> oodSecond,
        double level = 0.95) => Difference(Widen(idFirst), Widen(oodFirst), Widen(idSecond), Widen(oodSecond), level);

    private static double[] Widen(ReadOnlySpan<float> scores)
    {
        var wide = new double[scores.Length];
        for (var i = 0; i < wide.Length; i++)
            wide[i] = scores[i];
        return wide;
    }

    private static Placements Place(ReadOnlySpan<double> idScores, ReadOnlySpan<double> oodScores)
    {
        using var sorted = new SortedScores<ulong>(idScores.Length, oodScores.Length);
        ScoreKeys.Fill(idScores, sorted.IdKeys, "ID");
        ScoreKeys.Fill(oodScores, sorted.OodKeys, "OOD");
        if (idScores.Length < 2 || oodScores.Length < 2)
            throw new ArgumentException($"There are {idScores.Length} ID and {oodScores.Length} OOD scores; DeLong's variance needs at least two of each.");

        ulong[] id = [.. sorted.IdKeys], ood = [.. sorted.OodKeys];
        sorted.Sort();
        return new Placements(TwiceBelow<ulong>(id, sorted.OodKeys), TwiceAbove<ulong>(ood, sorted.IdKeys));
    }

    private static long[] TwiceBelow<TKey>(ReadOnlySpan<TKey> keys, ReadOnlySpan<TKey> others)
        where TKey : struct, IBinaryInteger<TKey>
    {
        var counts = new long[keys.Length];
        for (var i = 0; i < keys.Length; i++)
            counts[i] = (long)ScoreKeys.LowerBound(others, keys[i]) + ScoreKeys.UpperBound(others, keys[i]);
        return counts;
    }

    private static long[] TwiceAbove<TKey>(ReadOnlySpan<TKey> keys, ReadOnlySpan<TKey> others)
        where TKey : struct, IBinaryInteger<TKey>
    {
        var counts = TwiceBelow(keys, others);
        for (var i = 0; i < counts.Length; i++)
            counts[i] = (2L * others.Length) - counts[i];
        return counts;
    }

    /// <summary>Per sample twice the number of the other set's samples that are ordered rightly against it, ties counted once; or differences of such.</summary>
    private readonly record struct Placements(long[] Id, long[] Ood)
    {
        /// <summary>Twice the number of pairs in right order.</summary>
        public long Total => Id.Sum();

        public Placements Minus(Placements other) => new(Subtract(Id, other.Id), Subtract(Ood, other.Ood));

        public double StandardError() =>
            Math.Sqrt((Variance(Id) / Id.Length) + (Variance(Ood) / Ood.Length));

        // Of counts over 2 * the other set's size, as shares.
        private double Variance(long[] counts)
        {
            var scale = 2.0 * (ReferenceEquals(counts, Id) ? Ood.Length : Id.Length);
            var mean = counts.Sum() / (double)counts.Length;
            var squares = default(CompensatedSum);
            foreach (var count in counts)
                squares.Add((count - mean) * (count - mean));
            return squares.Value / (counts.Length - 1) / (scale * scale);
        }

        private static long[] Subtract(long[] a, long[] b)
        {
            var difference = new long[a.Length];
            for (var i = 0; i < a.Length; i++)
                difference[i] = a[i] - b[i];
            return difference;
        }
    }
}
