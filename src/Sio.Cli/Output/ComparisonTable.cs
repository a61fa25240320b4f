using System.Globalization;
using System.Text;
using Sio.Experiments.Results;

namespace Sio.Cli.Output;

/// <summary>Prints a comparison as plain text that fits 80 columns.</summary>
internal static class ComparisonTable
{
    private const int Width = 80;
    private const int DetectorWidth = 11;
    private const int SmallestFigureWidth = 12;
    private const int SideWidth = 13;
    private const int DifferenceWidth = 23;

    internal static void Print(ComparisonResults results)
    {
        var width = results.Rows.Select(row => Figure(row).Length).Append(SmallestFigureWidth).Max();
        Line(width, "Detector", "Per cent", "Base", "With", "Difference [95 %]", "");
        var detector = string.Empty;
        foreach (var row in results.Rows)
        {
            if (row.Detector != detector)
                Console.WriteLine();
            Line(
                width, row.Detector == detector ? string.Empty : Short(row.Detector), Figure(row), Side(row.Base), Side(row.With), Difference(row),
                row.Significant ? " *" : "");
            detector = row.Detector;
        }

        Console.WriteLine();
        foreach (var note in Notes(results))
            Wrap(note);
    }

    private static void Line(int width, string detector, string figure, string before, string after, string difference, string mark) => Console.WriteLine(
        $"{detector,-DetectorWidth} {figure.PadRight(width)} {before,SideWidth} {after,SideWidth} {difference,DifferenceWidth}{mark}".TrimEnd());

    private static string Short(string name) => name.Length <= DetectorWidth ? name : name[..(DetectorWidth - 1)] + "…";

    // Short, so that the line has room for the interval.
    private static string Figure(ComparisonRow row)
    {
        var metric = row.Metric switch { "auroc" => "AUROC", "fpr95" => "FPR95", "aupr_in" => "AUPRin", "aupr_out" => "AUPRout", _ => "FPRout" };
        return $"{row.Group} {metric} {(row.HigherIsBetter ? '↑' : '↓')}";
    }

    private static string Side(Estimate estimate) => estimate.StandardDeviation is { } deviation
        ? string.Create(CultureInfo.InvariantCulture, $"{estimate.Mean:F2} ± {deviation:F2}")
        : estimate.Mean.ToString("F2", CultureInfo.InvariantCulture);

    // As many decimals of the interval as there is room for: with two runs it can reach beyond the scale.
    private static string Difference(ComparisonRow row)
    {
        var text = string.Empty;
        for (var decimals = 2; decimals >= 0; decimals--)
        {
            text = $"{Signed(row.Difference, 2)} [{Signed(row.Low, decimals)}, {Signed(row.High, decimals)}]";
            if (text.Length <= DifferenceWidth)
                break;
        }

        return text;
    }

    private static string Signed(double value, int decimals)
    {
        var zeros = decimals == 0 ? "0" : "0." + new string('0', decimals);
        return value.ToString($"+{zeros};−{zeros};{zeros}", CultureInfo.InvariantCulture);
    }

    private static IEnumerable<string> Notes(ComparisonResults results)
    {
        var (rows, marked) = (results.Rows, results.Rows.Count(row => row.Significant));
        yield return $"* significant at 5 % after Holm's correction over the {rows.Count} rows: {marked} of them.";
        yield return $"ID: {results.Id}. Near-OOD: {Names(results.Near)}. Far-OOD: {Names(results.Far)}. Near and far are means over their sets.";
        yield return $"Base: {Seeds(results.Base)}. With: {Seeds(results.With)}.";
        yield return rows[0].Method switch
        {
            ComparisonMethod.PairedT => "Mean ± standard deviation; differences are paired by seed, with their t-interval.",
            ComparisonMethod.WelchT => "Mean ± standard deviation; the sides have different seeds: Welch's t-interval.",
            _ => OneRun(results),
        };
        if (results.LeftOut.Count > 0)
            yield return $"Left out, as not every run has scored them: {string.Join(", ", results.LeftOut)}.";
    }

    private static string OneRun(ComparisonResults results)
    {
        var deLong = results.Rows.Any(row => row.Method == ComparisonMethod.DeLong)
            ? "DeLong's interval for AUROC on a single set, else the bootstrap's" : "the bootstrap's interval";
        return string.Create(CultureInfo.InvariantCulture, $"n = 1 run per side: {deLong} ({results.Replicates} replicates, paired by image). It says what other images would give, not what other seeds would.");
    }

    private static string Names(IReadOnlyList<string> names) => names.Count == 0 ? "none" : string.Join(", ", names);

    private static string Seeds(IReadOnlyList<ComparedFolder> runs) => runs.Count == 1
        ? string.Create(CultureInfo.InvariantCulture, $"1 run, seed {runs[0].Seed}")
        : $"{runs.Count} runs, seeds {string.Join(", ", runs.Select(run => run.Seed.ToString(CultureInfo.InvariantCulture)))}";

    private static void Wrap(string text)
    {
        var line = new StringBuilder();
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > Width)
            {
                Console.WriteLine(line);
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        Console.WriteLine(line);
    }
}
