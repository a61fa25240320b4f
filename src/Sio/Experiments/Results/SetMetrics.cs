using System.Text.Json.Serialization;
using Sio.Evaluation;

namespace Sio.Experiments.Results;

/// <summary>The metrics of one detector on one OOD set, or their means over several sets, as <c>results.json</c> holds them.</summary>
public sealed record SetMetrics
{
    /// <summary>Area under the ROC curve, 0 to 100.</summary>
    [JsonPropertyName("auroc")]
    public required double Auroc { get; init; }

    /// <summary>Area under the precision-recall curve, ID positive, 0 to 100.</summary>
    [JsonPropertyName("aupr_in")]
    public required double AuprIn { get; init; }

    /// <summary>Area under the precision-recall curve, OOD positive, 0 to 100.</summary>
    [JsonPropertyName("aupr_out")]
    public required double AuprOut { get; init; }

    /// <summary>False-positive rate at 95 % true positives, ID positive, 0 to 100; lower is better.</summary>
    [JsonPropertyName("fpr95")]
    public required double Fpr95 { get; init; }

    /// <summary>OpenOOD 1.5's FPR@95, OOD positive, 0 to 100; null where a file of another origin does not have it.</summary>
    [JsonPropertyName("fpr95_ood")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Fpr95Ood { get; init; }

    /// <summary>CCR at a false-positive rate of 1e-1, 0 to 100; null where it was not computed.</summary>
    [JsonPropertyName("ccr_1e-1")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Ccr1 { get; init; }

    /// <summary>CCR at 1e-2, likewise.</summary>
    [JsonPropertyName("ccr_1e-2")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Ccr2 { get; init; }

    /// <summary>CCR at 1e-3, likewise.</summary>
    [JsonPropertyName("ccr_1e-3")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Ccr3 { get; init; }

    /// <summary>CCR at 1e-4, likewise.</summary>
    [JsonPropertyName("ccr_1e-4")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Ccr4 { get; init; }

    /// <summary>Area under the open-set classification rate curve, 0 to 100; null where it was not computed.</summary>
    [JsonPropertyName("oscr")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Oscr { get; init; }

    /// <summary>Area under the threshold curves, 0 to 100, lower is better; null where it was not computed or a score is infinite, which no scale has room for.</summary>
    [JsonPropertyName("autc")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Autc { get; init; }

    /// <summary>Computes every metric.</summary>
    /// <param name="idScores">Score per ID image, at least one; higher means more in-distribution.</param>
    /// <param name="idCorrect">Whether the network classifies the ID image of the same index correctly; null where that is not known, and then neither CCR nor OSCR is.</param>
    /// <param name="oodScores">Scores of the OOD images, at least one.</param>
    /// <exception cref="ArgumentException">A set is empty or holds NaN, or lengths differ.</exception>
    public static SetMetrics Compute(ReadOnlySpan<double> idScores, bool[]? idCorrect, ReadOnlySpan<double> oodScores)
    {
        var metrics = From(OodMetrics.Compute(idScores, oodScores)) with
        {
            Autc = AllFinite(idScores) && AllFinite(oodScores) ? ThresholdCurveArea.Compute(idScores, oodScores) : null,
        };
        if (idCorrect is null)
            return metrics;
        var rates = CorrectClassificationRate.Compute(idScores, idCorrect, oodScores, 1e-1, 1e-2, 1e-3, 1e-4);
        return metrics with
        {
            Ccr1 = rates[0],
            Ccr2 = rates[1],
            Ccr3 = rates[2],
            Ccr4 = rates[3],
            Oscr = OpenSetClassificationRate.Compute(idScores, idCorrect, oodScores),
        };
    }

    /// <summary>Takes over computed metrics.</summary>
    /// <param name="metrics">The metrics, in per cent.</param>
    public static SetMetrics From(OodMetrics metrics) => new()
    {
        Auroc = metrics.Auroc,
        AuprIn = metrics.AuprIn,
        AuprOut = metrics.AuprOut,
        Fpr95 = metrics.Fpr95,
        Fpr95Ood = metrics.Fpr95Ood,
    };

    /// <summary>The mean of each metric: each set counts the same, however many images it has.</summary>
    /// <param name="sets">At least one set's metrics.</param>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static SetMetrics Mean(IReadOnlyCollection<SetMetrics> sets)
    {
        ArgumentNullException.ThrowIfNull(sets);
        if (sets.Count == 0)
            throw new ArgumentException("A mean needs at least one set.", nameof(sets));

        return new SetMetrics
        {
            Auroc = sets.Average(s => s.Auroc),
            AuprIn = sets.Average(s => s.AuprIn),
            AuprOut = sets.Average(s => s.AuprOut),
            Fpr95 = sets.Average(s => s.Fpr95),
            Fpr95Ood = MeanOf(s => s.Fpr95Ood),
            Ccr1 = MeanOf(s => s.Ccr1),
            Ccr2 = MeanOf(s => s.Ccr2),
            Ccr3 = MeanOf(s => s.Ccr3),
            Ccr4 = MeanOf(s => s.Ccr4),
            Oscr = MeanOf(s => s.Oscr),
            Autc = MeanOf(s => s.Autc),
        };

        // A mean over some of the sets would look like one over all.
        double? MeanOf(Func<SetMetrics, double?> metric) => sets.All(s => metric(s) is not null) ? sets.Average(metric) : null;
    }

    private static bool AllFinite(ReadOnlySpan<double> scores)
    {
        foreach (var score in scores)
        {
            if (!double.IsFinite(score))
                return false;
        }

        return true;
    }
}
