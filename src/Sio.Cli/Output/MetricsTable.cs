using System.Globalization;
using Sio.Experiments;
using Sio.Experiments.Results;
using Spectre.Console;

namespace Sio.Cli.Output;

/// <summary>Prints a bank's metrics as tables that fit 80 columns: a row per detector and OOD set, and the means of near and far sets where they were grouped.</summary>
internal static class MetricsTable
{
    private const int PerTable = 4;

    private static readonly ResultMetric[] s_usual = [ResultMetric.Of("auroc"), ResultMetric.Of("aupr_in"), ResultMetric.Of("aupr_out"), ResultMetric.Of("fpr95")];

    internal static void Print(BankReport report, IReadOnlyList<ResultMetric>? chosen)
    {
        var console = ResultsTable.Open();
        var metrics = chosen ?? s_usual;
        Print(console, report, metrics, report.Detectors);
        if (report.Near.Count + report.Far.Count > 0)
            console.WriteLine($"Near-OOD: {Names(report.Near)}. Far-OOD: {Names(report.Far)}.");
        if (chosen is not null && report.Calibration is { } calibration)
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ID accuracy {report.Accuracy:F2} %. {FurtherLines.Calibration("", calibration)}"));
        if (report.ShiftedId is not { } shifted)
            return;
        console.WriteLine();
        console.WriteLine(FurtherLines.FullSpectrum("id", shifted.Keys));
        Print(console, report, metrics, report.Detectors.ToDictionary(entry => entry.Key, entry => entry.Value.FullSpectrum!));
        console.WriteLine(FurtherLines.Shifted("", shifted));
    }

    private static void Print(IAnsiConsole console, BankReport report, IReadOnlyList<ResultMetric> metrics, IReadOnlyDictionary<string, DetectorResults> detectors)
    {
        if (detectors.Count == 0)
            return;
        foreach (var part in metrics.Where(metric => metric.IsPerSet).Chunk(PerTable))
        {
            var table = Open(["Detector", "OOD set"], part);
            foreach (var (detector, results) in detectors)
            {
                var label = detector;
                foreach (var (set, values) in Rows(report, results))
                {
                    table.AddRow([label, Markup.Escape(set), .. part.Select(metric => Text(metric.Value(values)))]);
                    label = string.Empty;
                }
            }

            console.Write(table);
        }

        ResultMetric[] whole = [.. metrics.Where(metric => !metric.IsPerSet)];
        if (whole.Length == 0)
            return;
        var below = Open(["Detector"], whole);
        foreach (var (detector, results) in detectors)
            below.AddRow([detector, .. whole.Select(metric => Text(metric.Value(results)))]);
        console.Write(below);
    }

    // Each group's mean below its sets; sets of no group come last.
    private static IEnumerable<(string Set, SetMetrics Metrics)> Rows(BankReport report, DetectorResults results)
    {
        foreach (var (names, mean, label) in new[] { (report.Near, results.Near, "near (mean)"), (report.Far, results.Far, "far (mean)") })
        {
            foreach (var name in names)
                yield return (name, results.Sets[name]);
            if (mean is not null && names.Count > 1)
                yield return (label, mean);
        }

        foreach (var (name, metrics) in results.Sets)
        {
            if (!report.Near.Contains(name) && !report.Far.Contains(name))
                yield return (name, metrics);
        }
    }

    private static Table Open(string[] labels, IEnumerable<ResultMetric> metrics)
    {
        var table = new Table().Border(TableBorder.Simple).HideRowSeparators();
        foreach (var heading in labels)
            table.AddColumn(new TableColumn(heading).PadLeft(0).PadRight(1).NoWrap());
        foreach (var metric in metrics)
            table.AddColumn(new TableColumn(metric.Title).PadLeft(0).PadRight(1).NoWrap().RightAligned());
        return table;
    }

    private static string Names(IReadOnlyList<string> names) => names.Count == 0 ? "none" : string.Join(", ", names);

    private static string Text(double? value) => value?.ToString("F2", CultureInfo.InvariantCulture) ?? "–";
}
