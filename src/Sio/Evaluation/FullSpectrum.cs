namespace Sio.Evaluation;

/// <summary>
/// Full-spectrum evaluation: images of the known classes under covariate shift (other weather, style, resolution) count as ID, so that a detector which
/// rejects them is charged for it. Yang, Zhou &amp; Liu 2022 (arXiv 2204.05306); OpenOOD 1.5, Zhang et al. 2023 (arXiv 2306.09301).
/// </summary>
public static class FullSpectrum
{
    /// <summary>Puts the shifted ID sets' scores beside the ID set's: one ID set of all images, as OpenOOD 1.5 does.</summary>
    /// <param name="standard">Scores on the usual ID and OOD sets.</param>
    /// <param name="shiftedId">Scores of each covariate-shifted ID set by the same detector, at least one set.</param>
    /// <returns>Scores to take every metric from; the OOD sets are the same.</returns>
    /// <exception cref="ArgumentException">There is no shifted set, or one is empty.</exception>
    public static ScoredSets Merge(ScoredSets standard, IReadOnlyList<double[]> shiftedId)
    {
        ArgumentNullException.ThrowIfNull(standard);
        ArgumentNullException.ThrowIfNull(shiftedId);
        if (shiftedId.Count == 0 || shiftedId.Any(set => set.Length == 0))
            throw new ArgumentException("Full-spectrum evaluation needs at least one covariate-shifted ID set, and none without images.", nameof(shiftedId));
        return standard with { Id = [.. standard.Id, .. shiftedId.SelectMany(set => set)] };
    }
}
