using Sio.Experiments.Results;

namespace Sio.Experiments.Reproduction;

/// <summary>One figure of a row: mean over runs in each arm, and what SIO gains, paired by seed.</summary>
/// <param name="Baseline">Mean and spread of the baseline; null where there is no run yet.</param>
/// <param name="Sio">The same with synthetic images.</param>
/// <param name="Difference">SIO minus baseline over the seeds that both have; null where there is none.</param>
public sealed record TableFigure(Estimate? Baseline, Estimate? Sio, PairedDifference? Difference);

/// <summary>A row of the table with its figures, in per cent.</summary>
/// <param name="Group">inference, training, data; empty for average and best.</param>
/// <param name="Method">The method's name; average or best.</param>
/// <param name="Near">AUROC, mean over the near-OOD sets.</param>
/// <param name="Far">AUROC, mean over the far-OOD sets.</param>
/// <param name="Accuracy">Accuracy on ID test images.</param>
public sealed record TableLine(string Group, string Method, TableFigure Near, TableFigure Far, TableFigure Accuracy);

/// <summary>The table, as far as its cells are done.</summary>
public sealed record TableResults
{
    /// <summary>The rows.</summary>
    public required IReadOnlyList<TableLine> Lines { get; init; }

    /// <summary>
    /// Mean over the rows that have a figure, as in the paper: accuracies of the inference rows count once per row. Without spread. Once both arms have figures, only rows that have
    /// both count, so that the two means are of the same methods.
    /// </summary>
    public required TableLine Average { get; init; }

    /// <summary>The best of each column, over the same rows.</summary>
    public required TableLine Best { get; init; }

    /// <summary>Names of the near-OOD sets that were at hand.</summary>
    public required IReadOnlyList<string> Near { get; init; }

    /// <summary>Names of the far-OOD sets that were at hand.</summary>
    public required IReadOnlyList<string> Far { get; init; }

    /// <summary>OOD sets that were not at hand, as <c>group: name</c>.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>Cells that were scored on other OOD sets than the one that has most, and whose means say something else: they stand in no figure.</summary>
    public IReadOnlyList<TrainingCell> Uneven { get; init; } = [];

    /// <summary>Cells that are done.</summary>
    public required int Done { get; init; }

    /// <summary>Cells in all.</summary>
    public required int Total { get; init; }

    /// <summary>Collects what there is.</summary>
    /// <exception cref="Sio.Data.DataException">Results of a cell are damaged.</exception>
    public static TableResults Collect(TablePlan plan, TableRunner runner)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(runner);
        var done = plan.Cells.Where(runner.IsDone).ToArray();
        var frames = done.ToDictionary(cell => cell, cell => ResultsFile.Read(runner.FolderOf(cell).ResultsPath));
        // Scoring anew adds sets that have come since: the cell that has most of them is the measure.
        var frame = done.MaxBy(cell => frames[cell].Near.Count + frames[cell].Far.Count) is { } fullest ? frames[fullest] : null;
        var uneven = done.Where(cell => !frames[cell].Near.SequenceEqual(frame!.Near) || !frames[cell].Far.SequenceEqual(frame.Far)).ToArray();
        done = [.. done.Except(uneven)];
        var runs = done.ToDictionary(cell => cell, cell => runner.ResultsOf(cell)!);
        var lines = plan.Rows.Select(row => new TableLine(
            row.Group, row.Method, Of(row, run => run.Detectors[row.Detector].Near?.Auroc), Of(row, run => run.Detectors[row.Detector].Far?.Auroc), Of(row, run => run.Accuracy))).ToArray();
        return new TableResults
        {
            Lines = lines,
            Average = Summary("average", lines, values => values.Average()),
            Best = Summary("best", lines, values => values.Max()),
            Near = frame?.Near ?? [],
            Far = frame?.Far ?? [],
            Missing = frame?.Missing ?? [],
            Uneven = uneven,
            Done = done.Length,
            Total = plan.Cells.Count,
        };

        TableFigure Of(TableRow row, Func<RunResults, double?> figure)
        {
            var (baseline, sio) = (Values(TablePlan.Baseline), Values(TablePlan.Sio));
            var pairs = baseline.Where(entry => sio.ContainsKey(entry.Key)).Select(entry => new SeedDifference(entry.Key, sio[entry.Key] - entry.Value)).ToArray();
            return new TableFigure(Estimate.Of(baseline.Values), Estimate.Of(sio.Values), PairedDifference.Of(pairs));

            SortedDictionary<long, double> Values(string arm) => new(runs
                .Where(entry => entry.Key.Training == row.Training && entry.Key.Arm == arm)
                .Select(entry => (Seed: (long)entry.Key.Seed, Value: figure(entry.Value)))
                .Where(entry => entry.Value is not null).ToDictionary(entry => entry.Seed, entry => entry.Value!.Value));
        }
    }

    /// <summary>A row that combines others. It has no spread of its own: means over methods are no sample of anything.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="lines">The others.</param>
    /// <param name="combine">Makes one mean of several.</param>
    internal static TableLine Summary(string name, TableLine[] lines, Func<IEnumerable<double>, double> combine)
    {
        return new TableLine(string.Empty, name, Of(line => line.Near), Of(line => line.Far), Of(line => line.Accuracy));

        TableFigure Of(Func<TableLine, TableFigure> figure)
        {
            TableFigure[] figures = [.. lines.Select(figure)];
            if (figures.Any(entry => entry.Baseline is not null) && figures.Any(entry => entry.Sio is not null))
                figures = [.. figures.Where(entry => entry is { Baseline: not null, Sio: not null })];
            var (baseline, sio) = (Arm(figures.Select(entry => entry.Baseline)), Arm(figures.Select(entry => entry.Sio)));
            var difference = baseline is null || sio is null ? null : new PairedDifference(new Estimate(sio.Mean - baseline.Mean, null, sio.N), null, null, []);
            return new TableFigure(baseline, sio, difference);
        }

        Estimate? Arm(IEnumerable<Estimate?> rows)
        {
            var means = rows.OfType<Estimate>().Select(estimate => estimate.Mean).ToArray();
            return means.Length == 0 ? null : new Estimate(combine(means), null, means.Length);
        }
    }
}
