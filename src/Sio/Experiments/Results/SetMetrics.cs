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
            Fpr95Ood = sets.All(s => s.Fpr95Ood is not null) ? sets.Average(s => s.Fpr95Ood) : null,
        };
    }
}
