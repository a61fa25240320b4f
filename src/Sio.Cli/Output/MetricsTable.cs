using System.Globalization;
using Sio.Experiments.Results;
using Spectre.Console;

namespace Sio.Cli.Output;

/// <summary>Prints metrics as a table that fits 80 columns: a row per detector and OOD set.</summary>
internal static class MetricsTable
{
    internal static void Print(IReadOnlyDictionary<string, IReadOnlyDictionary<string, SetMetrics>> metrics)
    {
        var table = new Table().Border(TableBorder.Simple).HideRowSeparators();
        foreach (var heading in new[] { "Detector", "OOD set" })
            table.AddColumn(new TableColumn(heading).PadLeft(0).PadRight(1).NoWrap());
        foreach (var heading in new[] { "AUROC ↑", "AUPR in ↑", "AUPR out ↑", "FPR@95 ↓" })
            table.AddColumn(new TableColumn(heading).PadLeft(0).PadRight(1).NoWrap().RightAligned());
        foreach (var (detector, sets) in metrics)
        {
            var label = detector;
            foreach (var (set, values) in sets)
            {
                table.AddRow(label, Markup.Escape(set), Text(values.Auroc), Text(values.AuprIn), Text(values.AuprOut), Text(values.Fpr95));
                label = string.Empty;
            }
        }

        if (metrics.Count > 0)
            ResultsTable.Open().Write(table);
    }

    private static string Text(double value) => value.ToString("F2", CultureInfo.InvariantCulture);
}
