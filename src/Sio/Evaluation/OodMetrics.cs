using System.Numerics;

namespace Sio.Evaluation;

/// <summary>
/// How well a score separates in-distribution (ID) from out-of-distribution (OOD) samples. All values in per cent, in full
/// double precision, and exact under ties.
/// </summary>
/// <remarks>
/// <para>A score is a confidence: higher means more in-distribution. Tied scores form one threshold, and every threshold
/// counts: no point of a curve is dropped, as scikit-learn's <c>roc_curve</c> does by default, and no score is
/// rounded, as OpenOOD 1.0 does with <c>1 - conf</c>.</para>
/// <para>AUROC and AUPR: Hendrycks &amp; Gimpel 2017 (arXiv 1610.02136), section 2. FPR@95: Liang, Li &amp; Srikant 2018
/// (arXiv 1706.02690), section 4.2.</para>
/// </remarks>
/// <param name="Auroc">Area under the ROC curve: P(ID score &gt; OOD score) + P(equal) / 2. 0 to 100; 50 is chance.</param>
/// <param name="AuprIn">Area under the precision-recall curve with ID as the positive class: trapezoids over one point per
/// distinct score, from (recall 0, precision 1). 0 to 100.</param>
/// <param name="AuprOut">The same with OOD as the positive class, on the negated score. 0 to 100.</param>
/// <param name="Fpr95">The literature's FPR@95, ID positive: the share of OOD samples that are accepted at the highest
/// threshold that accepts at least 95 % of the ID samples. 0 to 100; lower is better.</param>
/// <param name="Fpr95Ood">OpenOOD 1.5's figure of the same name, OOD positive: the share of ID samples flagged at the lowest
/// threshold that flags at least 95 % of the OOD samples. 0 to 100; lower is better. Not comparable with
/// <paramref name="Fpr95"/>.</param>
public readonly record struct OodMetrics(double Auroc, double AuprIn, double AuprOut, double Fpr95, double Fpr95Ood)
{
    /// <summary>Computes all metrics from one sort, in time linear in the number of scores.</summary>
    /// <param name="idScores">Scores of the ID samples, at least one, in any order; infinities are ordered as numbers are, and
    /// -0.0 equals 0.0.</param>
    /// <param name="oodScores">Scores of the OOD samples, likewise.</param>
    /// <returns>The metrics, in per cent.</returns>
    /// <exception cref="ArgumentException">A set is empty or holds NaN; the message names the set and the index.</exception>
    public static OodMetrics Compute(ReadOnlySpan<double> idScores, ReadOnlySpan<double> oodScores)
    {
        using var scores = new SortedScores<ulong>(idScores.Length, oodScores.Length);
        ScoreKeys.Fill(idScores, scores.IdKeys, "ID");
        ScoreKeys.Fill(oodScores, scores.OodKeys, "OOD");
        return Compute(scores);
    }

    /// <inheritdoc cref="Compute(ReadOnlySpan{double}, ReadOnlySpan{double})"/>
    public static OodMetrics Compute(ReadOnlySpan<float> idScores, ReadOnlySpan<float> oodScores)
    {
        using var scores = new SortedScores<uint>(idScores.Length, oodScores.Length);
        ScoreKeys.Fill(idScores, scores.IdKeys, "ID");
        ScoreKeys.Fill(oodScores, scores.OodKeys, "OOD");
        return Compute(scores);
    }

    private static OodMetrics Compute<TKey>(SortedScores<TKey> scores)
        where TKey : unmanaged, IBinaryInteger<TKey>
    {
        scores.Sort();
        ReadOnlySpan<TKey> id = scores.IdKeys, ood = scores.OodKeys;
        var areas = CurveAreas.Walk(id, ood);

        // ID positive: accept from the score of the last ID sample that is needed for 95 %. OOD positive: flag up to the score
        // of the last OOD sample that is needed.
        var accepted = ood.Length - ScoreKeys.LowerBound(ood, id[^Needed95(id.Length)]);
        var flagged = ScoreKeys.UpperBound(id, ood[Needed95(ood.Length) - 1]);

        return new OodMetrics(
            areas.Auroc,
            areas.AuprIn,
            areas.AuprOut,
            100.0 * accepted / ood.Length,
            100.0 * flagged / id.Length);
    }

    /// <summary>The smallest k with k / count >= 0.95, in integers: 0.95 is not a binary fraction.</summary>
    internal static int Needed95(int count) => (int)(((19L * count) + 19) / 20);
}
