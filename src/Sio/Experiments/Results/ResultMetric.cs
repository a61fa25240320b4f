namespace Sio.Experiments.Results;

/// <summary>A metric of a detector that tables can show, under the name that it has in <c>results.json</c>.</summary>
public sealed class ResultMetric
{
    /// <summary>The name that stands for every metric.</summary>
    public const string AllName = "all";

    private readonly Func<SetMetrics, double?>? _ofSet;
    private readonly Func<DetectorResults, double?>? _ofDetector;

    private ResultMetric(string name, string heading, bool higherIsBetter, Func<SetMetrics, double?>? ofSet, Func<DetectorResults, double?>? ofDetector = null)
    {
        (Name, Heading, HigherIsBetter, _ofSet, _ofDetector) = (name, heading, higherIsBetter, ofSet, ofDetector);
    }

    /// <summary>Every metric, in the order of the file.</summary>
    public static IReadOnlyList<ResultMetric> All { get; } =
    [
        new("auroc", "AUROC", true, set => set.Auroc),
        new("aupr_in", "AUPR in", true, set => set.AuprIn),
        new("aupr_out", "AUPR out", true, set => set.AuprOut),
        new("fpr95", "FPR@95", false, set => set.Fpr95),
        new("fpr95_ood", "FPR@95 out", false, set => set.Fpr95Ood),
        new("ccr_1e-1", "CCR@1e-1", true, set => set.Ccr1),
        new("ccr_1e-2", "CCR@1e-2", true, set => set.Ccr2),
        new("ccr_1e-3", "CCR@1e-3", true, set => set.Ccr3),
        new("ccr_1e-4", "CCR@1e-4", true, set => set.Ccr4),
        new("oscr", "OSCR", true, set => set.Oscr),
        new("autc", "AUTC", false, set => set.Autc),
        new("aurc", "AURC", false, null, detector => detector.Aurc),
        new("eaurc", "E-AURC", false, null, detector => detector.Eaurc),
    ];

    /// <summary>AUROC and FPR@95: what tables show unless asked for more.</summary>
    public static IReadOnlyList<ResultMetric> Default { get; } = [Of("auroc"), Of("fpr95")];

    /// <summary>Its name in <c>results.json</c>.</summary>
    public string Name { get; }

    /// <summary>Its name in tables.</summary>
    public string Heading { get; }

    /// <summary>Whether more is better.</summary>
    public bool HigherIsBetter { get; }

    /// <summary>Whether each OOD set has a value of its own; false where a detector has one, from ID images alone.</summary>
    public bool IsPerSet => _ofSet is not null;

    /// <summary>Heading and direction: <c>AUROC ↑</c>.</summary>
    public string Title => $"{Heading} {(HigherIsBetter ? '↑' : '↓')}";

    /// <summary>The metric of a name.</summary>
    /// <exception cref="UnknownNameException">There is none.</exception>
    public static ResultMetric Of(string name) =>
        All.FirstOrDefault(metric => metric.Name == name) ?? throw new UnknownNameException("Metric", name, All.Select(metric => metric.Name));

    /// <summary>The metrics of some names, each once; <see cref="AllName"/> among them for every one.</summary>
    /// <exception cref="UnknownNameException">There is none of a name.</exception>
    public static IReadOnlyList<ResultMetric> Of(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return [.. names.SelectMany(name => name == AllName ? All : [Of(name)]).Distinct()];
    }

    /// <summary>The value on an OOD set, or the mean over several; null where there is none.</summary>
    public double? Value(SetMetrics? set) => set is null ? null : _ofSet?.Invoke(set);

    /// <summary>The value of a detector as a whole; null where each OOD set has its own.</summary>
    public double? Value(DetectorResults? detector) => detector is null ? null : _ofDetector?.Invoke(detector);
}
