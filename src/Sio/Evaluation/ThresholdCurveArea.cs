namespace Sio.Evaluation;

/// <summary>
/// AUTC, the area under the threshold curves: the mean of the areas under the false-positive and the false-negative rate as functions of the
/// threshold, with the scores of both sets together scaled to [0, 1]. Unlike AUROC it sees how far apart the sets lie, and so how
/// much a threshold may be off. Humblot-Renaux, Escalera &amp; Moeslund 2023 (arXiv 2306.14658).
/// </summary>
/// <remarks>
/// With ID positive, ∫ FPR(t) dt = ∫ P(OOD score &gt;= t) dt is the mean scaled OOD score, and ∫ FNR(t) dt one minus the mean scaled ID score; so
/// AUTC = (1 + mean OOD − mean ID) / 2, exactly and without a grid of thresholds. A monotonic transform of the scores changes it, which is the
/// point, and one outlier can squeeze all other scores together.
/// </remarks>
public static class ThresholdCurveArea
{
    /// <summary>Computes the area.</summary>
    /// <param name="idScores">Finite scores of the ID samples, at least one; higher means more in-distribution.</param>
    /// <param name="oodScores">Finite scores of the OOD samples, at least one.</param>
    /// <returns>Per cent, 0 to 100; lower is better. 50 where all scores are equal.</returns>
    /// <exception cref="ArgumentException">A set is empty, or a score is NaN or infinite, which no scale has room for.</exception>
    public static double Compute(ReadOnlySpan<double> idScores, ReadOnlySpan<double> oodScores)
    {
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        Extend(idScores, "ID", ref low, ref high);
        Extend(oodScores, "OOD", ref low, ref high);
        return low == high ? 50 : 50 * (1 + Mean(oodScores, low, high) - Mean(idScores, low, high));
    }

    private static void Extend(ReadOnlySpan<double> scores, string set, ref double low, ref double high)
    {
        if (scores.IsEmpty)
            throw new ArgumentException($"There are no {set} scores; a metric needs at least one.");
        for (var i = 0; i < scores.Length; i++)
        {
            if (!double.IsFinite(scores[i]))
                throw new ArgumentException($"{set} score {i} is {scores[i]}; AUTC scales by the range of the scores, which must be finite.");
            low = Math.Min(low, scores[i]);
            high = Math.Max(high, scores[i]);
        }
    }

    private static double Mean(ReadOnlySpan<double> scores, double low, double high)
    {
        // A range beyond the largest double is measured in halves.
        var unit = double.IsInfinity(high - low) ? 0.5 : 1;
        var range = (high * unit) - (low * unit);
        var sum = default(CompensatedSum);
        foreach (var score in scores)
            sum.Add(((score * unit) - (low * unit)) / range);
        return sum.Value / scores.Length;
    }
}
