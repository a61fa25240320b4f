using System.Globalization;
using Sio.Experiments.Reproduction;
using Spectre.Console;

namespace Sio.Cli.Output;

/// <summary>
/// Prints a paper's table in 80 columns: a line per method with both arms' figures, SIO's green where it is better and red where it is worse, below it the paper's own; then a line per method
/// with the differences.
/// </summary>
internal static class ReproductionTable
{
    private static readonly (string Heading, string Key, Func<TableLine, TableFigure> Of)[] s_measures =
        [("Near", "near", line => line.Near), ("Far", "far", line => line.Far), ("Acc", "acc", line => line.Accuracy)];

    internal static void Print(TablePlan plan, TableResults results, PaperFigures? paper)
    {
        var console = ResultsTable.Open();
        var of = plan.Table.Paper is null ? null : paper;
        console.WriteLine("AUROC (near, far) and ID accuracy in per cent: baseline, then with SIO's images");
        console.Write(Figures(plan, results, of));
        if (plan.Arms.Count > 1)
        {
            console.WriteLine("Difference, SIO minus baseline");
            console.Write(Differences(results));
        }

        foreach (var note in Notes(plan, results, paper))
            console.WriteLine(note);
    }

    private static Table Figures(TablePlan plan, TableResults results, PaperFigures? paper)
    {
        var table = Empty([.. s_measures.SelectMany(measure => new[] { measure.Heading, "+SIO" })]);
        foreach (var line in Lines(results))
        {
            if (line == results.Average)
                table.AddEmptyRow();
            table.AddRow([Markup.Escape(line.Method), .. s_measures.SelectMany(measure => Cells(measure.Of(line)))]);
            if (paper is null)
                continue;
            table.AddRow(["[grey]  paper[/]", .. s_measures.SelectMany(measure => TablePlan.AllArms.Select(arm => $"[grey]{Paper(line, measure.Key, arm)}[/]"))]);
        }

        return table;

        string Paper(TableLine line, string key, string arm) => TableText.Paper(paper, plan.Table.Paper, line, key, arm)?.ToString("F2", CultureInfo.InvariantCulture) ?? "–";

        static string[] Cells(TableFigure figure)
        {
            var (better, worse) = TableText.Better(figure);
            var sio = TableText.Mean(figure.Sio);
            return [TableText.Mean(figure.Baseline), better ? $"[green]{sio}[/]" : worse ? $"[red]{sio}[/]" : sio];
        }
    }

    private static Table Differences(TableResults results)
    {
        var table = Empty([.. s_measures.Select(measure => measure.Heading)], wrap: true);
        foreach (var line in Lines(results).Where(line => line != results.Best))
        {
            if (line == results.Average)
                table.AddEmptyRow();
            table.AddRow([Markup.Escape(line.Method), .. s_measures.Select(measure => Markup.Escape(TableText.Difference(measure.Of(line).Difference)))]);
        }

        return table;
    }

    // Two runs that are far apart have an interval of more figures than the columns can hold.
    private static Table Empty(string[] headings, bool wrap = false)
    {
        var table = new Table().Border(TableBorder.Simple).HideRowSeparators();
        table.AddColumn(new TableColumn("Method").PadLeft(0).PadRight(1).NoWrap());
        foreach (var heading in headings)
        {
            var column = new TableColumn(heading).PadLeft(1).PadRight(0).RightAligned();
            table.AddColumn(wrap ? column : column.NoWrap());
        }

        return table;
    }

    private static TableLine[] Lines(TableResults results) => [.. results.Lines, results.Average, results.Best];

    private static IEnumerable<string> Notes(TablePlan plan, TableResults results, PaperFigures? paper)
    {
        yield return $"Near-OOD: {Names(results.Near)}. Far-OOD: {Names(results.Far)}. Means over the sets.";
        if (results.Missing.Count > 0)
            yield return $"Not at hand, and in no mean: {Names(results.Missing)}.";
        if (results.Uneven.Count > 0)
            yield return $"Scored on other OOD sets, and left out ('sio evaluate' on their folders scores them anew): {Names([.. results.Uneven.Select(cell => cell.Label)])}.";
        yield return string.Create(CultureInfo.InvariantCulture, $"{results.Done} of {results.Total} trainings are done. Means over runs; differences are paired by seed,");
        yield return "with their 95 % t-interval where there are several.";
        if (paper is not null && plan.Table.Paper is not null && plan.Rows.Count < plan.Table.Rows.Count)
            yield return string.Create(CultureInfo.InvariantCulture, $"The paper's average and best are over its {plan.Table.Rows.Count} methods, ours over {plan.Rows.Count}.");
        if (paper is not null)
            yield return plan.Table.Paper is null ? "The paper's figures for this table do not come with the program." : "Paper: Zhang et al. 2023, Table 1, baseline → +SIO.";
    }

    private static string Names(IReadOnlyList<string> names) => names.Count > 0 ? string.Join(", ", names) : "none";
}
