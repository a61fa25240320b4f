namespace Sio.Evaluation;

/// <summary>A detector's scores on an ID set and on the OOD sets that it is measured against; higher means more in-distribution.</summary>
/// <param name="Id">Scores of the ID images, at least one.</param>
/// <param name="Ood">Scores of each OOD set, at least one set of at least one image.</param>
public sealed record ScoredSets(double[] Id, IReadOnlyList<double[]> Ood)
{
    /// <summary>Each metric's mean over the OOD sets; each set counts the same, however many images it has.</summary>
    /// <exception cref="ArgumentException">There is no OOD set, one is empty, or a score is NaN.</exception>
    public OodMetrics MeanMetrics()
    {
        var sum = default(OodMetrics);
        foreach (var ood in Ood)
            sum = Combine(sum, OodMetrics.Compute(Id, ood), (a, b) => a + b);
        return Ood.Count > 0
            ? Combine(sum, sum, (total, _) => total / Ood.Count)
            : throw new ArgumentException("There is no OOD set; a mean needs at least one.");
    }

    /// <summary>Applies an operation metric by metric.</summary>
    internal static OodMetrics Combine(OodMetrics a, OodMetrics b, Func<double, double, double> operation) => new(
        operation(a.Auroc, b.Auroc),
        operation(a.AuprIn, b.AuprIn),
        operation(a.AuprOut, b.AuprOut),
        operation(a.Fpr95, b.Fpr95),
        operation(a.Fpr95Ood, b.Fpr95Ood));
}
