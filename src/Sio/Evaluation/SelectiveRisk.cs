namespace Sio.Evaluation;

/// <summary>
/// Areas under the risk-coverage curve of selective classification: with the samples in descending order of confidence, the risk at coverage
/// k / n is the error rate among the first k. Geifman, Uziel &amp; El-Yaniv 2019 (arXiv 1805.08206).
/// </summary>
/// <param name="Aurc">AURC = (1 / n) Σ_k errors among the first k / k. Per cent, 0 to 100; lower is better.</param>
/// <param name="ExcessAurc">E-AURC: AURC minus that of the best possible order of the same predictions, in which every error comes last. At
/// least 0; 0 where no order is better. The best order's area is the sum itself, not the paper's integral r + (1 − r) ln(1 − r) for it.</param>
public readonly record struct SelectiveRisk(double Aurc, double ExcessAurc)
{
    /// <summary>Computes both areas. Equal scores count as in the mean over all their orders.</summary>
    /// <param name="scores">Confidence per sample, at least one.</param>
    /// <param name="correct">Whether the sample of the same index is classified correctly.</param>
    /// <exception cref="ArgumentException">There are no samples, lengths differ, or a score is NaN.</exception>
    public static SelectiveRisk Compute(ReadOnlySpan<double> scores, ReadOnlySpan<bool> correct)
    {
        if (scores.Length != correct.Length)
            throw new ArgumentException($"There are {scores.Length} scores, but {correct.Length} flags of correct classification.");

        var keys = new ulong[scores.Length];
        ScoreKeys.Fill(scores, keys, "confidence");
        var wrong = new bool[keys.Length];
        for (var i = 0; i < wrong.Length; i++)
            wrong[i] = !correct[i];
        Array.Sort(keys, wrong);
        Array.Reverse(keys);
        Array.Reverse(wrong);

        var area = default(CompensatedSum);
        var errors = 0;
        for (int from = 0, upTo; from < keys.Length; from = upTo)
        {
            var here = 0;
            for (upTo = from; upTo < keys.Length && keys[upTo] == keys[from]; upTo++)
                here += wrong[upTo] ? 1 : 0;

            // In a random order of the block, its first j samples hold j / size of its errors on average.
            for (var k = from + 1; k <= upTo; k++)
                area.Add((errors + (here * (k - from) / (double)(upTo - from))) / k);
            errors += here;
        }

        var best = default(CompensatedSum);
        for (var k = keys.Length - errors + 1; k <= keys.Length; k++)
            best.Add((k - (keys.Length - errors)) / (double)k);
        return new SelectiveRisk(100 * area.Value / keys.Length, 100 * Math.Max(0, area.Value - best.Value) / keys.Length);
    }
}
