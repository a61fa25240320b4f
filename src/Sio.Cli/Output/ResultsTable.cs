using System.Globalization;
using Sio.Experiments.Results;
using Spectre.Console;

namespace Sio.Cli.Output;

/// <summary>Prints a summary as a table that fits 80 columns: a row per detector and figure, a column per arm, and the difference; for a single arm, a row per detector.</summary>
internal static class ResultsTable
{
    private const int Width = 80;

    /// <summary>Prints results: AUROC and FPR@95, or the metrics chosen; and the same again with covariate-shifted ID images, where there are any.</summary>
    internal static void Print(ExperimentResults results, IReadOnlyList<ResultMetric>? chosen = null)
    {
        var console = Open();
        var metrics = chosen ?? ResultMetric.Default;
        var summary = ResultsSummary.Create(results, metrics: metrics);
        Write(console, results, metrics, fullSpectrum: false, $"ID accuracy {Text(summary.Accuracy.Cells[0].Arms[0])} %");
        foreach (var line in Notes(summary, summary.Arms.Count > 1).Concat(chosen is null ? [] : FurtherLines.Calibration(results)))
            console.WriteLine(line);
        if (results.ShiftedId is not { Count: > 0 } shifted)
            return;
        console.WriteLine();
        console.WriteLine(FurtherLines.FullSpectrum(results.Id, shifted));
        Write(console, results, metrics, fullSpectrum: true, caption: null);
        foreach (var line in FurtherLines.Shifted(results))
            console.WriteLine(line);
    }

    private static void Write(IAnsiConsole console, ExperimentResults results, IReadOnlyList<ResultMetric> metrics, bool fullSpectrum, string? caption)
    {
        if (results.Arms.Count > 1)
        {
            console.Write(ManyArms(ResultsSummary.Create(results, metrics: metrics, fullSpectrum: fullSpectrum), withAccuracy: !fullSpectrum));
            return;
        }

        // With nothing to compare, a line per detector says it all.
        foreach (var part in Parts(results, metrics))
        {
            var table = OneArm(ResultsSummary.Create(results, metrics: part, fullSpectrum: fullSpectrum));
            console.Write(caption is null ? table : table.Caption(caption));
            caption = null;
        }
    }

    // As many metrics beside a detector's name as fit; those of the detector as a whole stand in the last table.
    private static IEnumerable<ResultMetric[]> Parts(ExperimentResults results, IReadOnlyList<ResultMetric> metrics)
    {
        var names = results.Arms.SelectMany(arm => arm.Runs).SelectMany(run => run.Detectors.Keys).Append("Detector").Max(name => name.Length);
        var part = new List<ResultMetric>();
        var left = 0;
        foreach (var metric in metrics.Where(metric => metric.IsPerSet))
        {
            // Two spaces stand after each column, and one before the first.
            var needed = "Near ".Length + "Far ".Length + (2 * (metric.Title.Length + 2));
            if (part.Count > 0 && needed > left)
            {
                yield return [.. part];
                part.Clear();
            }

            left = (part.Count == 0 ? Width - names - 3 : left) - needed;
            part.Add(metric);
        }

        if (part.Count > 0)
            yield return [.. part];
        if (metrics.Where(metric => !metric.IsPerSet).ToArray() is { Length: > 0 } whole)
            yield return whole;
    }

    private static Table OneArm(ResultsSummary summary)
    {
        var table = new Table().Border(TableBorder.Simple).HideRowSeparators();
        table.AddColumn(Column("Detector"));
        foreach (var cell in summary.Detectors.Count > 0 ? summary.Detectors[0].Cells : [])
            table.AddColumn(Column(cell.Column + (cell.HigherIsBetter ? " ↑" : " ↓")).RightAligned());
        foreach (var row in summary.Detectors)
            table.AddRow([row.Name, .. row.Cells.Select(cell => Text(cell.Arms[0]))]);
        return table;
    }

    private static Table ManyArms(ResultsSummary summary, bool withAccuracy)
    {
        var others = summary.Arms.Select((name, index) => (name, index)).Where(arm => arm.name != summary.Baseline).ToArray();
        var table = new Table().Border(TableBorder.Simple).HideRowSeparators();
        table.AddColumn(Column("Detector"));
        table.AddColumn(Column("Per cent"));
        foreach (var arm in summary.Arms)
            table.AddColumn(Column(Heading(arm)).RightAligned());
        foreach (var (name, _) in others)
            table.AddColumn(Column(others.Length == 1 ? "Difference" : $"{Heading(name)} − {summary.Baseline}").RightAligned());
        if (withAccuracy)
            AddRow(table, summary.Accuracy, others);
        foreach (var row in summary.Detectors)
        {
            if (table.Rows.Count > 0)
                table.AddEmptyRow();
            AddRow(table, row, others);
        }

        return table;
    }

    // NO_COLOR and TERM=dumb are Spectre.Console's to see. A pipe gets neither colours nor a width that depends on the caller's window.
    internal static IAnsiConsole Open()
    {
        var redirected = Console.IsOutputRedirected;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = redirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
        });
        // A narrower terminal wraps the lines; a table squeezed into it would break figures in two.
        if (redirected || console.Profile.Width < Width)
            console.Profile.Width = Width;
        return console;
    }

    private static TableColumn Column(string heading) => new TableColumn(heading).PadLeft(0).PadRight(1).NoWrap();

    private static string Heading(string arm) => arm == "sio" ? "+SIO" : arm;

    private static void AddRow(Table table, SummaryRow row, (string Name, int Index)[] others)
    {
        // The figure of the accuracy's row says by itself what it is.
        var label = row.Cells.Count == 1 ? "ID" : row.Name;
        foreach (var cell in row.Cells)
        {
            var texts = new List<string> { label, cell.Column + (cell.HigherIsBetter ? " ↑" : " ↓") };
            texts.AddRange(cell.Arms.Select(Text));
            texts.AddRange(others.Select(arm => Text(cell.Differences[arm.Index], cell.HigherIsBetter)));
            table.AddRow([.. texts]);
            label = string.Empty;
        }
    }

    private static string Text(Estimate? estimate) => estimate switch
    {
        null => "–",
        { StandardDeviation: { } deviation } => string.Create(CultureInfo.InvariantCulture, $"{estimate.Mean:F2} ± {deviation:F2}"),
        _ => estimate.Mean.ToString("F2", CultureInfo.InvariantCulture),
    };

    private static string Text(PairedDifference? difference, bool higherIsBetter)
    {
        if (difference is null)
            return "–";
        var mean = difference.Estimate.Mean;
        var text = mean.ToString("+0.00;−0.00;0.00", CultureInfo.InvariantCulture);
        if (difference is { Low: { } low, High: { } high })
            text += $" [[{Signed(low)}, {Signed(high)}]]";
        if (mean == 0)
            return text;
        return mean > 0 == higherIsBetter ? $"[green]{text}[/]" : $"[red]{text}[/]";
    }

    private static string Signed(double value) => value.ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture);

    private static IEnumerable<string> Notes(ResultsSummary summary, bool compared)
    {
        yield return $"Near-OOD: {Names(summary.Near)}. Far-OOD: {Names(summary.Far)}. Near and far are means over their sets.";
        if (summary.Missing.Count > 0)
            yield return $"Not at hand, and in no mean: {Names(summary.Missing)}.";
        var n = summary.Accuracy.Cells[0].Arms.Max(arm => arm?.N ?? 0);
        if (n == 1)
            yield return compared ? "n = 1 run per arm: the difference may be chance; --runs N tells more." : "n = 1 run.";
        else
            yield return $"n = {n} runs per arm: mean ± standard deviation; differences are paired by seed, with their 95 % t-interval.";
    }

    private static string Names(IReadOnlyList<string> names) => names.Count == 0 ? "none" : string.Join(", ", names);
}
