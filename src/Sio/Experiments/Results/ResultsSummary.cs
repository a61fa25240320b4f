namespace Sio.Experiments.Results;

/// <summary>One figure of one row, for every arm.</summary>
/// <param name="Column">The column's heading: <c>Near AUROC</c>, <c>Accuracy</c>, …</param>
/// <param name="HigherIsBetter">Whether more is better: so for AUROC and accuracy, not for FPR@95.</param>
/// <param name="Arms">Mean and spread per arm, in the summary's order of arms; null where an arm has no such figure.</param>
/// <param name="Differences">Arm minus baseline per arm, in the same order; null for the baseline itself and where no
/// seed is shared.</param>
public sealed record SummaryCell(
    string Column,
    bool HigherIsBetter,
    IReadOnlyList<Estimate?> Arms,
    IReadOnlyList<PairedDifference?> Differences);

/// <summary>One row of the table.</summary>
/// <param name="Name">The detector's name, or <c>ID accuracy</c>.</param>
/// <param name="Cells">The row's figures; all detectors' rows have the same columns.</param>
public sealed record SummaryRow(string Name, IReadOnlyList<SummaryCell> Cells);

/// <summary>What an experiment comes to: mean ± standard deviation per arm, and what an arm gains over the baseline.</summary>
public sealed record ResultsSummary
{
    /// <summary>Name of the benchmark.</summary>
    public required string Benchmark { get; init; }

    /// <summary>Name of the ID set.</summary>
    public required string Id { get; init; }

    /// <summary>Names of the near-OOD sets.</summary>
    public required IReadOnlyList<string> Near { get; init; }

    /// <summary>Names of the far-OOD sets.</summary>
    public required IReadOnlyList<string> Far { get; init; }

    /// <summary>OOD sets that were not at hand, as <c>group: name</c>.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>Names of the arms, in the results' order.</summary>
    public required IReadOnlyList<string> Arms { get; init; }

    /// <summary>Name of the arm that the others are compared with.</summary>
    public required string Baseline { get; init; }

    /// <summary>Accuracy on the ID test set: one cell.</summary>
    public required SummaryRow Accuracy { get; init; }

    /// <summary>
    /// One row per detector, in the order in which the runs name them: the metrics on near sets, those on far sets, those of the detector as a whole.
    /// </summary>
    public required IReadOnlyList<SummaryRow> Detectors { get; init; }

    /// <summary>Summarises results.</summary>
    /// <param name="results">The results.</param>
    /// <param name="baseline">The arm to compare with; by default the one named <c>baseline</c>, or else the first.</param>
    /// <param name="metrics">What to show; AUROC and FPR@95 when null.</param>
    /// <param name="fullSpectrum">Whether covariate-shifted ID images count as ID; detectors without such results have no figures then.</param>
    /// <exception cref="ArgumentException">There is no arm, or none of that name.</exception>
    public static ResultsSummary Create(
        ExperimentResults results, string? baseline = null, IReadOnlyList<ResultMetric>? metrics = null, bool fullSpectrum = false)
    {
        ArgumentNullException.ThrowIfNull(results);
        if (results.Arms.Count == 0)
            throw new ArgumentException("The results have no arm.", nameof(results));

        var against = results.Arms.FirstOrDefault(a => a.Name == (baseline ?? "baseline"))
            ?? (baseline is null ? results.Arms[0] : throw new ArgumentException($"The results have no arm '{baseline}'.", nameof(baseline)));
        var detectors = results.Arms.SelectMany(a => a.Runs).SelectMany(r => r.Detectors.Keys).Distinct();

        var shown = metrics ?? ResultMetric.Default;
        return new ResultsSummary
        {
            Benchmark = results.Benchmark,
            Id = results.Id,
            Near = results.Near,
            Far = results.Far,
            Missing = results.Missing ?? [],
            Arms = [.. results.Arms.Select(a => a.Name)],
            Baseline = against.Name,
            Accuracy = new SummaryRow("ID accuracy", [Cell("Accuracy", true, run => run.Accuracy)]),
            Detectors = [.. detectors.Select(Row)],
        };

        SummaryRow Row(string detector) => new(detector,
        [
            .. shown.Where(metric => metric.IsPerSet).Select(metric => Cell($"Near {metric.Heading}", metric.HigherIsBetter, run => metric.Value(Of(run, detector)?.Near))),
            .. shown.Where(metric => metric.IsPerSet).Select(metric => Cell($"Far {metric.Heading}", metric.HigherIsBetter, run => metric.Value(Of(run, detector)?.Far))),
            .. shown.Where(metric => !metric.IsPerSet).Select(metric => Cell(metric.Heading, metric.HigherIsBetter, run => metric.Value(Of(run, detector)))),
        ]);

        DetectorResults? Of(RunResults run, string detector)
        {
            var found = run.Detectors.GetValueOrDefault(detector);
            return fullSpectrum ? found?.FullSpectrum : found;
        }

        SummaryCell Cell(string column, bool higherIsBetter, Func<RunResults, double?> figure) => new(
            column,
            higherIsBetter,
            [.. results.Arms.Select(arm => Estimate.Of([.. arm.Runs.Select(figure).OfType<double>()]))],
            [.. results.Arms.Select(arm => arm == against ? null : PairedDifference.Of(Pairs(arm, against, figure)))]);
    }

    private static List<SeedDifference> Pairs(ArmResults arm, ArmResults baseline, Func<RunResults, double?> figure)
    {
        var pairs = new List<SeedDifference>();
        foreach (var run in arm.Runs)
        {
            var other = baseline.Runs.FirstOrDefault(r => r.Seed == run.Seed);
            if (other is not null && figure(run) is { } with && figure(other) is { } without)
                pairs.Add(new SeedDifference(run.Seed, with - without));
        }

        return pairs;
    }
}
