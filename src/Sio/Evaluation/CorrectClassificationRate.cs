using System.Numerics;

namespace Sio.Evaluation;

/// <summary>
/// CCR@q: the share of ID samples that are classified correctly <em>and</em> score above the threshold that lets a fraction q
/// of the OOD samples through. Dhamija, Günther &amp; Boult 2018 (arXiv 1811.04110), equations 4 and 5, in the form of
/// OpenOOD 1.0: the threshold is the ceil(q * N_ood)-th largest OOD score, and an ID sample must lie strictly above it.
/// </summary>
public static class CorrectClassificationRate
{
    /// <summary>Computes CCR at several false-positive rates from one sort.</summary>
    /// <param name="idScores">Score per ID sample, at least one; higher means more in-distribution.</param>
    /// <param name="idCorrect">Whether the ID sample of the same index is classified correctly.</param>
    /// <param name="oodScores">Scores of the OOD samples, at least one.</param>
    /// <param name="falsePositiveRates">The values of q, each in (0, 1]; the field reports 1e-4, 1e-3, 1e-2 and 1e-1.</param>
    /// <returns>CCR in per cent, one per rate, in the same order.</returns>
    /// <exception cref="ArgumentException">A set is empty or holds NaN, or lengths differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A rate lies outside (0, 1].</exception>
    public static double[] Compute(
        ReadOnlySpan<double> idScores,
        ReadOnlySpan<bool> idCorrect,
        ReadOnlySpan<double> oodScores,
        params ReadOnlySpan<double> falsePositiveRates)
    {
        RefuseOtherLength(idScores.Length, idCorrect.Length);
        var id = new ulong[idScores.Length];
        var ood = new ulong[oodScores.Length];
        ScoreKeys.Fill(idScores, id, "ID");
        ScoreKeys.Fill(oodScores, ood, "OOD");
        return Compute(id, idCorrect, ood, falsePositiveRates);
    }

    /// <inheritdoc cref="Compute(ReadOnlySpan{double}, ReadOnlySpan{bool}, ReadOnlySpan{double}, ReadOnlySpan{double})"/>
    public static double[] Compute(
        ReadOnlySpan<float> idScores,
        ReadOnlySpan<bool> idCorrect,
        ReadOnlySpan<float> oodScores,
        params ReadOnlySpan<double> falsePositiveRates)
    {
        RefuseOtherLength(idScores.Length, idCorrect.Length);
        var id = new uint[idScores.Length];
        var ood = new uint[oodScores.Length];
        ScoreKeys.Fill(idScores, id, "ID");
        ScoreKeys.Fill(oodScores, ood, "OOD");
        return Compute(id, idCorrect, ood, falsePositiveRates);
    }

    private static double[] Compute<TKey>(TKey[] id, ReadOnlySpan<bool> idCorrect, TKey[] ood, ReadOnlySpan<double> rates)
        where TKey : unmanaged, IBinaryInteger<TKey>
    {
        // A wrong prediction can never count, so only the keys of right ones are kept, and sorted to be counted by bisection.
        var kept = 0;
        for (var i = 0; i < id.Length; i++)
        {
            if (idCorrect[i])
                id[kept++] = id[i];
        }

        var scratch = new TKey[Math.Max(kept, ood.Length)];
        var correct = id.AsSpan(0, kept);
        RadixSort.Sort(correct, scratch);
        RadixSort.Sort(ood.AsSpan(), scratch);

        var result = new double[rates.Length];
        for (var i = 0; i < rates.Length; i++)
        {
            var threshold = ood[^Accepted(rates[i], ood.Length)];
            result[i] = 100.0 * (kept - ScoreKeys.UpperBound<TKey>(correct, threshold)) / id.Length;
        }

        return result;
    }

    /// <summary>ceil(q * count). In decimal, where 0.07 * 100 is 7; in binary it is a little more, and its ceiling 8.</summary>
    private static int Accepted(double rate, int count)
    {
        if (!(rate > 0 && rate <= 1))
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "A false-positive rate must lie in (0, 1].");

        return Math.Max(1, (int)Math.Ceiling((decimal)rate * count));
    }

    private static void RefuseOtherLength(int scores, int flags)
    {
        if (scores != flags)
            throw new ArgumentException($"There are {scores} ID scores, but {flags} flags of correct classification.");
    }
}
