using System.Globalization;
using System.Text;

namespace Sio.Experiments.Results;

/// <summary>A summary as Markdown tables, with two decimals.</summary>
public static class ResultsMarkdown
{
    /// <summary>Renders the accuracy and the detectors' figures, each arm on a line, and below it its gain over the baseline.</summary>
    /// <param name="summary">The summary.</param>
    /// <returns>Markdown that ends in a newline.</returns>
    public static string Render(ResultsSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Benchmark {Escape(summary.Benchmark)}. ID: {Escape(summary.Id)}; ");
        text.Append(CultureInfo.InvariantCulture, $"near-OOD: {Names(summary.Near)}; far-OOD: {Names(summary.Far)}.");
        if (summary.Missing.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $" Not at hand, and in no mean: {Names(summary.Missing)}.");
        text.Append("\n\n");

        Table(text, summary, "", [summary.Accuracy]);
        if (summary.Detectors.Count > 0)
        {
            text.Append('\n');
            Table(text, summary, "Detector", summary.Detectors);
        }

        text.Append('\n').Append(Legend(summary)).Append('\n');
        return text.ToString();
    }

    private static void Table(StringBuilder text, ResultsSummary summary, string heading, IReadOnlyList<SummaryRow> rows)
    {
        var columns = rows[0].Cells.Select(c => $"{c.Column} {(c.HigherIsBetter ? '↑' : '↓')}").ToArray();
        Line(text, [heading, "Arm", "n", .. columns]);
        Line(text, ["---", "---", "---:", .. columns.Select(_ => "---:")]);
        foreach (var row in rows)
        {
            var name = Escape(row.Name);
            for (var arm = 0; arm < summary.Arms.Count; arm++)
            {
                Add(summary.Arms[arm], [.. row.Cells.Select(c => Cell.Of(c.Arms[arm]))]);
                name = ""; // once per row is enough
            }

            for (var arm = 0; arm < summary.Arms.Count; arm++)
            {
                if (row.Cells.Any(c => c.Differences[arm] is not null))
                    Add($"{summary.Arms[arm]} − {summary.Baseline}", [.. row.Cells.Select(c => Cell.Of(c.Differences[arm]))]);
            }

            void Add(string label, Cell[] cells)
            {
                var n = cells.Max(c => c.N);
                Line(text, [name, Escape(label), n.ToString(CultureInfo.InvariantCulture), .. cells.Select(c => c.Beside(n))]);
            }
        }
    }

    /// <summary>A figure and the number of runs behind it; 0 where there is no figure.</summary>
    private readonly record struct Cell(string Figure, int N)
    {
        private const string Signed = "+0.00;-0.00;0.00";

        public static Cell Of(Estimate? estimate)
        {
            if (estimate is null)
                return new Cell("–", 0);

            var spread = estimate.StandardDeviation is { } deviation ? $" ± {Number(deviation, "0.00")}" : "";
            return new Cell(Number(estimate.Mean, "0.00") + spread, estimate.N);
        }

        public static Cell Of(PairedDifference? difference)
        {
            if (difference is null)
                return new Cell("–", 0);

            var interval = difference is { Low: { } low, High: { } high } ? $" [{Number(low, Signed)}, {Number(high, Signed)}]" : "";
            return new Cell(Number(difference.Estimate.Mean, Signed) + interval, difference.Estimate.N);
        }

        /// <summary>The figure in a line of n runs: one over fewer says so itself.</summary>
        public string Beside(int n) =>
            N == n || N == 0 ? Figure : string.Create(CultureInfo.InvariantCulture, $"{Figure} (n = {N})");
    }

    private static string Legend(ResultsSummary summary)
    {
        var cells = summary.Detectors.Append(summary.Accuracy).SelectMany(r => r.Cells).ToArray();
        var counts = cells.SelectMany(c => c.Arms).OfType<Estimate>().Select(e => e.N).ToArray();
        var legend = new StringBuilder("In per cent.");
        if (counts.Any(n => n > 1))
            legend.Append(" Mean ± sample standard deviation over n runs.");
        if (counts.Any(n => n == 1))
            legend.Append(" n = 1 is a single run, which has no spread.");
        if (cells.SelectMany(c => c.Differences).Any(d => d is not null))
            legend.Append(" Differences are means over seeds that both arms share");
        else
            return legend.ToString();
        var intervals = cells.SelectMany(c => c.Differences).Any(d => d?.Low is not null);
        return legend.Append(intervals ? ", with the 95 % t-interval of the mean." : ".").ToString();
    }

    private static string Names(IReadOnlyList<string> names) =>
        names.Count > 0 ? string.Join(", ", names.Select(Escape)) : "none";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static void Line(StringBuilder text, IEnumerable<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    private static string Escape(string name) =>
        name.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
