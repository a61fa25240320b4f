using System.Globalization;
using Sio.Data;

namespace Sio.Experiments.Reproduction;

/// <summary>
/// The figures of Table 1 of Zhang et al. 2023 (arXiv 2303.14531): AUROC and ID accuracy in per cent, means of 3 runs, method by method and for the table's average and best rows.
/// </summary>
public sealed class PaperFigures
{
    private static readonly string[] s_measures = ["near", "far", "acc"];

    private readonly Dictionary<(string Method, string Column), double> _values = [];

    private PaperFigures()
    {
    }

    /// <summary>The file that comes with the program.</summary>
    public static string ShippedPath => Path.Combine(AppContext.BaseDirectory, "data", "sio-table1.csv");

    /// <summary>Reads a file whose first line names the columns: group, method, and DATA_MEASURE_ARM with measures near, far, acc.</summary>
    /// <exception cref="DataException">The file is missing or damaged.</exception>
    public static PaperFigures Read(string path)
    {
        if (!File.Exists(path))
            throw new DataException($"{path}: not found, the paper's figures were expected there");
        var lines = InputFile.ReadText(path).ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        var columns = lines.Length > 0 ? lines[0].Split(',') : [];
        var figures = new PaperFigures();
        for (var line = 1; line < lines.Length; line++)
        {
            var fields = lines[line].Split(',');
            if (fields.Length != columns.Length || fields.Length < 3)
                throw new DataException(string.Create(CultureInfo.InvariantCulture, $"{path}: line {line + 1} has {fields.Length} fields, {columns.Length} were expected"));
            // The table's own average and best rows have no method, only their name in place of the group.
            var method = fields[1].Length > 0 ? fields[1] : fields[0];
            for (var column = 2; column < fields.Length; column++)
            {
                if (!double.TryParse(fields[column], CultureInfo.InvariantCulture, out var value))
                    throw new DataException(string.Create(CultureInfo.InvariantCulture, $"{path}: line {line + 1} has '{fields[column]}' where a number was expected"));
                figures._values.Add((method, columns[column]), value);
            }
        }

        return figures;
    }

    /// <summary>A figure of the paper; null where it has none.</summary>
    /// <param name="data">cifar10 or cifar100.</param>
    /// <param name="method">The method's name in the table, or average or best.</param>
    /// <param name="measure">near, far or acc.</param>
    /// <param name="arm">baseline or sio.</param>
    public double? Get(string data, string method, string measure, string arm)
    {
        if (!s_measures.Contains(measure))
            throw new ArgumentException($"a measure is one of {string.Join(", ", s_measures)}", nameof(measure));
        return _values.TryGetValue((method, $"{data}_{measure}_{arm}"), out var value) ? value : null;
    }
}
