using System.Globalization;
using Sio.Experiments.Results;
using Spectre.Console;

namespace Sio.Cli.Output;

/// <summary>Prints what a hyper-parameter search chose, and what it left out because it cannot run on the data.</summary>
internal static class TunedTable
{
    internal static void Print(IEnumerable<(string Detector, TunedDetector Tuned)> tuned)
    {
        var all = tuned.OrderBy(entry => entry.Detector, StringComparer.Ordinal).ToArray();
        if (all.Length == 0)
        {
            Console.WriteLine("Tuned: nothing; these detectors have no grid, or all of it is set.");
            return;
        }

        var table = new Table().Border(TableBorder.Simple).HideRowSeparators();
        table.AddColumn(new TableColumn("Detector").PadLeft(0).PadRight(1).NoWrap());
        table.AddColumn(new TableColumn("Chosen").PadLeft(0).PadRight(1));
        foreach (var heading in new[] { "Val. AUROC ↑", "Default's" })
            table.AddColumn(new TableColumn(heading).PadLeft(0).PadRight(1).NoWrap().RightAligned());
        foreach (var (detector, one) in all)
            table.AddRow(detector, one.Settings.Count == 0 ? "the defaults" : Markup.Escape(Short(detector, one.Settings)), Text(one.Auroc), Text(one.DefaultAuroc));
        var console = ResultsTable.Open();
        console.Write(table);
        Console.WriteLine("Chosen by the AUROC of ID validation against OOD validation images.");
        var refused = all.SelectMany(entry => entry.Tuned.Tried.Where(tried => tried.Refused is not null).Select(tried => (entry.Detector, Tried: tried))).ToArray();
        if (refused.Length > 0)
            Console.WriteLine("Left out of the search:");
        foreach (var (detector, tried) in refused)
            Console.WriteLine($"  {detector}  {Short(detector, tried.Settings)}: {tried.Refused}");
    }

    private static string Short(string detector, IReadOnlyList<string> settings) => string.Join(", ", settings.Select(setting => setting[(detector.Length + 1)..]));

    private static string Text(double? value) => value?.ToString("F2", CultureInfo.InvariantCulture) ?? "–";
}
