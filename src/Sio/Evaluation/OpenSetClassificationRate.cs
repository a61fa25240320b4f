namespace Sio.Evaluation;

/// <summary>
/// OSCR: the area under the open-set classification rate curve, the correct classification rate (share of ID samples classified correctly
/// and accepted) over the false-positive rate (share of OOD samples accepted), over all thresholds. The curve: Dhamija, Günther &amp;
/// Boult 2018 (arXiv 1811.04110); its area as a figure: Chen et al. 2021 (arXiv 2103.00953).
/// </summary>
/// <remarks>
/// With trapezoids, where equal scores are one threshold, the area is P(ID sample correct and its score above the OOD sample's) + P(correct and
/// equal) / 2: AUROC where every prediction is right, and never above the accuracy.
/// </remarks>
public static class OpenSetClassificationRate
{
    /// <summary>Computes the area.</summary>
    /// <param name="idScores">Score per ID sample, at least one; higher means more in-distribution.</param>
    /// <param name="idCorrect">Whether the ID sample of the same index is classified correctly.</param>
    /// <param name="oodScores">Scores of the OOD samples, at least one.</param>
    /// <returns>Per cent, 0 to 100; higher is better.</returns>
    /// <exception cref="ArgumentException">A set is empty or holds NaN, or lengths differ.</exception>
    public static double Compute(ReadOnlySpan<double> idScores, ReadOnlySpan<bool> idCorrect, ReadOnlySpan<double> oodScores)
    {
        if (idScores.Length != idCorrect.Length)
            throw new ArgumentException($"There are {idScores.Length} ID scores, but {idCorrect.Length} flags of correct classification.");

        using var keys = new SortedScores<ulong>(idScores.Length, oodScores.Length);
        ScoreKeys.Fill(idScores, keys.IdKeys, "ID");
        ScoreKeys.Fill(oodScores, keys.OodKeys, "OOD");
        var kept = 0;
        for (var i = 0; i < idCorrect.Length; i++)
        {
            if (idCorrect[i])
                kept++;
        }

        if (kept == 0)
            return 0;

        using var right = new SortedScores<ulong>(kept, oodScores.Length);
        keys.OodKeys.CopyTo(right.OodKeys);
        for (int i = 0, at = 0; i < idCorrect.Length; i++)
        {
            if (idCorrect[i])
                right.IdKeys[at++] = keys.IdKeys[i];
        }

        right.Sort();
        return CurveAreas.Walk<ulong>(right.IdKeys, right.OodKeys).Auroc * kept / idScores.Length;
    }
}
