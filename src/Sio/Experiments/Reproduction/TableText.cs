using System.Globalization;
using System.Text;
using Sio.Experiments.Results;

namespace Sio.Experiments.Reproduction;

/// <summary>A table as text for other programs: Markdown and LaTeX with rounded figures, CSV with full precision.</summary>
public static class TableText
{
    private const string NoFigure = "–";

    private static readonly (string Heading, string Key, Func<TableLine, TableFigure> Of)[] s_measures =
        [("Near AUROC", "near", line => line.Near), ("Far AUROC", "far", line => line.Far), ("ID accuracy", "acc", line => line.Accuracy)];

    /// <summary>A figure beside the paper's: what the table's formats share.</summary>
    /// <param name="paper">The paper's figures; null to leave them out.</param>
    /// <param name="data">The paper's columns, cifar10 or cifar100.</param>
    /// <param name="line">The row.</param>
    /// <param name="measure">near, far or acc.</param>
    /// <param name="arm">baseline or sio.</param>
    public static double? Paper(PaperFigures? paper, string? data, TableLine line, string measure, string arm)
    {
        ArgumentNullException.ThrowIfNull(line);
        return paper is null || data is null ? null : paper.Get(data, line.Method, measure, arm);
    }

    /// <summary>Markdown: per measure the baseline, SIO and the difference with its 95 % interval; the better of the two is bold.</summary>
    public static string Markdown(TablePlan plan, TableResults results, PaperFigures? paper = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(results);
        var text = new StringBuilder();
        text.Append("| Method |");
        foreach (var (heading, _, _) in s_measures)
            text.Append(CultureInfo.InvariantCulture, $" {heading} ↑ | +SIO | Difference |");
        text.Append("\n|---|").Append(string.Concat(s_measures.Select(_ => "---:|---:|---:|"))).Append('\n');
        foreach (var line in All(results))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {line.Method} |");
            foreach (var (_, key, of) in s_measures)
            {
                var figure = of(line);
                var (better, worse) = Better(figure);
                text.Append(CultureInfo.InvariantCulture, $" {Bold(Mean(figure.Baseline), worse)}{Beside(key, line, TablePlan.Baseline)} | {Bold(Mean(figure.Sio), better)}{Beside(key, line, TablePlan.Sio)} | {Difference(figure.Difference)} |");
            }

            text.Append('\n');
        }

        text.Append(CultureInfo.InvariantCulture, $"\nNear-OOD: {Names(results.Near)}. Far-OOD: {Names(results.Far)}.");
        if (results.Missing.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $" Not at hand, and in no mean: {Names(results.Missing)}.");
        if (results.Uneven.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $" Scored on other OOD sets, and left out: {Names([.. results.Uneven.Select(cell => cell.Label)])}.");
        text.Append('\n');
        return text.ToString();

        string Beside(string key, TableLine line, string arm) =>
            Paper(paper, plan.Table.Paper, line, key, arm) is { } value ? string.Create(CultureInfo.InvariantCulture, $" ({value:F2})") : string.Empty;

        static string Bold(string value, bool bold) => bold ? $"**{value}**" : value;
    }

    private static string Names(IReadOnlyList<string> names) => names.Count > 0 ? string.Join(", ", names) : "none";

    /// <summary>CSV in full precision: mean, sample standard deviation and n per arm; difference with its 95 % interval; the paper's figures.</summary>
    public static string Csv(TablePlan plan, TableResults results, PaperFigures? paper = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(results);
        var text = new StringBuilder("group,method,measure,baseline_mean,baseline_sd,baseline_n,sio_mean,sio_sd,sio_n,difference,low,high,pairs,paper_baseline,paper_sio\n");
        foreach (var line in All(results))
        {
            foreach (var (_, key, of) in s_measures)
            {
                var figure = of(line);
                string[] fields =
                [
                    line.Group, line.Method.Contains(',', StringComparison.Ordinal) ? $"\"{line.Method}\"" : line.Method, key, .. Parts(figure.Baseline), .. Parts(figure.Sio),
                    Full(figure.Difference?.Estimate.Mean), Full(figure.Difference?.Low), Full(figure.Difference?.High),
                    figure.Difference is { Seeds.Count: > 0 } pairs ? pairs.Seeds.Count.ToString(CultureInfo.InvariantCulture) : string.Empty,
                    Full(Paper(paper, plan.Table.Paper, line, key, TablePlan.Baseline)), Full(Paper(paper, plan.Table.Paper, line, key, TablePlan.Sio)),
                ];
                text.AppendJoin(',', fields).Append('\n');
            }
        }

        return text.ToString();

        static string[] Parts(Estimate? estimate) =>
            [Full(estimate?.Mean), Full(estimate?.StandardDeviation), estimate?.N.ToString(CultureInfo.InvariantCulture) ?? string.Empty];
    }

    /// <summary>LaTeX for the <c>booktabs</c> and <c>xcolor</c> packages: SIO's figure green where it is better than the baseline, red where it is worse.</summary>
    public static string Latex(TablePlan plan, TableResults results, PaperFigures? paper = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(results);
        var text = new StringBuilder("% needs \\usepackage{booktabs} and \\usepackage{xcolor}\n\\begin{tabular}{l").Append(string.Concat(s_measures.Select(_ => "rrr"))).Append("}\n\\toprule\nMethod");
        foreach (var (heading, _, _) in s_measures)
            text.Append(CultureInfo.InvariantCulture, $" & {heading} & +SIO & $\\Delta$");
        text.Append(" \\\\\n\\midrule\n");
        foreach (var line in results.Lines)
            Line(line);
        text.Append("\\midrule\n");
        Line(results.Average);
        Line(results.Best);
        return text.Append("\\bottomrule\n\\end{tabular}\n").ToString();

        void Line(TableLine line)
        {
            text.Append(Escape(line.Method));
            foreach (var (_, key, of) in s_measures)
            {
                var figure = of(line);
                var (better, worse) = Better(figure);
                var sio = Mean(figure.Sio).Replace(NoFigure, "--", StringComparison.Ordinal);
                var coloured = better ? $"\\textcolor{{green!50!black}}{{{sio}}}" : worse ? $"\\textcolor{{red}}{{{sio}}}" : sio;
                text.Append(CultureInfo.InvariantCulture, $" & {Mean(figure.Baseline).Replace(NoFigure, "--", StringComparison.Ordinal)}{Beside(key, TablePlan.Baseline)} & {coloured}{Beside(key, TablePlan.Sio)} & {Maths(figure.Difference)}");
            }

            text.Append(" \\\\\n");

            string Beside(string key, string arm) =>
                Paper(paper, plan.Table.Paper, line, key, arm) is { } value ? string.Create(CultureInfo.InvariantCulture, $" ({value:F2})") : string.Empty;
        }

        static string Maths(PairedDifference? difference) => difference is null ? "--" : $"${Difference(difference).Replace('−', '-')}$";

        static string Escape(string name) => name.Replace("_", "\\_", StringComparison.Ordinal).Replace("&", "\\&", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal);
    }

    /// <summary>Whether SIO is better, and whether it is worse, to two decimals.</summary>
    public static (bool Better, bool Worse) Better(TableFigure figure)
    {
        ArgumentNullException.ThrowIfNull(figure);
        if (figure.Baseline is not { } baseline || figure.Sio is not { } sio)
            return (false, false);
        var (with, without) = (Math.Round(sio.Mean, 2), Math.Round(baseline.Mean, 2));
        return (with > without, with < without);
    }

    /// <summary>A mean with two decimals, or a dash.</summary>
    public static string Mean(Estimate? estimate) => estimate?.Mean.ToString("F2", CultureInfo.InvariantCulture) ?? NoFigure;

    /// <summary>A difference with its interval, or a dash.</summary>
    public static string Difference(PairedDifference? difference)
    {
        if (difference is null)
            return NoFigure;
        const string signed = "+0.00;−0.00;0.00";
        var mean = difference.Estimate.Mean.ToString(signed, CultureInfo.InvariantCulture);
        return difference is { Low: { } low, High: { } high }
            ? $"{mean} [{low.ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture)}, {high.ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture)}]"
            : mean;
    }

    private static IEnumerable<TableLine> All(TableResults results) => [.. results.Lines, results.Average, results.Best];

    private static string Full(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? string.Empty;
}
