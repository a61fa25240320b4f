using Sio.Data;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sio.Experiments.Results;

/// <summary>Reads and writes <c>results.json</c>.</summary>
public static class ResultsFile
{
    /// <summary>How results are written as JSON.</summary>
    internal static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        PropertyNameCaseInsensitive = false,
        NumberHandling = JsonNumberHandling.Strict,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // set names stay readable; the file is no part of a web page
    };

    /// <summary>Reads a results file. Keys that it does not know are passed over, so that later versions' files can be read.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">The file is no results file; the message names the file, the place and the fault.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ExperimentResults Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var file = InputFile.Open(path);
        try
        {
            var results = JsonSerializer.Deserialize<ExperimentResults>(file, Options)
                ?? throw new InvalidDataException($"{path}: expected an object of results, but is null");
            Check(results, path);
            return results;
        }
        catch (JsonException e)
        {
            var line = e.LineNumber is { } number ? $":{number + 1}" : "";
            var problem = e.Message.ReplaceLineEndings(" ");
            throw new InvalidDataException($"{path}{line}: not a results file: {problem}", e);
        }
    }

    /// <summary>
    /// Writes a results file. The file is there as a whole or, where anything fails, as it was before.
    /// </summary>
    /// <param name="path">The file; its folder exists. An existing file is replaced.</param>
    /// <param name="results">What to write.</param>
    /// <exception cref="InvalidDataException">A value is not finite, or an arm or a seed occurs twice.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, ExperimentResults results)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.WriteAllText(path, ToJson(results, path) + "\n");
    }

    /// <summary>The file's text.</summary>
    /// <param name="results">What to write.</param>
    /// <param name="name">Names the results in messages.</param>
    /// <exception cref="InvalidDataException">A value is not finite, or an arm or a seed occurs twice.</exception>
    public static string ToJson(ExperimentResults results, string name = "results")
    {
        ArgumentNullException.ThrowIfNull(results);
        Check(results, name);
        return JsonSerializer.Serialize(results, Options);
    }

    private static void Check(ExperimentResults results, string file)
    {
        RefuseNulls(results.Near, $"{file}: 'near'");
        RefuseNulls(results.Far, $"{file}: 'far'");
        RefuseNulls(results.Arms, $"{file}: 'arms'");
        RefuseTwice(results.Arms.Select(a => a.Name), $"{file}: arm");
        foreach (var arm in results.Arms)
        {
            var where = $"{file}: arm '{arm.Name}'";
            RefuseNulls(arm.Runs, $"{where}: 'runs'");
            RefuseTwice(arm.Runs.Select(r => r.Seed), $"{where}: seed");
            RefuseNonFinite(arm.RealRatio, $"{where}: realRatio");
            foreach (var run in arm.Runs)
                Check(run, $"{where}, seed {run.Seed}");
        }
    }

    private static void Check(RunResults run, string where)
    {
        RefuseNonFinite(run.Accuracy, $"{where}: accuracy");
        RefuseNonFinite(run.TrainSeconds, $"{where}: trainSeconds");
        RefuseNulls(run.Detectors.Values, $"{where}: 'detectors'");
        Check(run.Calibration, $"{where}: calibration");
        if (run.ShiftedId is { } shifted)
        {
            RefuseNulls(shifted.Values, $"{where}: 'shifted_id'");
            foreach (var (name, results) in shifted)
            {
                RefuseNonFinite(results.Accuracy ?? 0, $"{where}: accuracy on '{name}'");
                Check(results.Calibration, $"{where}: calibration on '{name}'");
            }
        }

        foreach (var (name, detector) in run.Detectors)
            Check(detector, name, where);
    }

    private static void Check(CalibrationResults? calibration, string where)
    {
        foreach (var value in calibration is null ? [] : new[] { calibration.Ece, calibration.AdaptiveEce, calibration.Nll })
            RefuseNonFinite(value, where);
    }

    private static void Check(DetectorResults detector, string name, string where)
    {
        RefuseNulls(detector.Sets.Values, $"{where}: 'sets' of '{name}'");
        foreach (var set in detector.Sets.Values.Append(detector.Near).Append(detector.Far).OfType<SetMetrics>())
        {
            foreach (var metric in ResultMetric.All)
                RefuseNonFinite(metric.Value(set) ?? 0, $"{where}: {metric.Name} of '{name}'");
        }

        foreach (var metric in ResultMetric.All)
            RefuseNonFinite(metric.Value(detector) ?? 0, $"{where}: {metric.Name} of '{name}'");
        if (detector.FullSpectrum is { } full)
            Check(full, name, $"{where}, full spectrum");
    }

    private static void RefuseNulls<T>(IEnumerable<T> items, string where)
    {
        if (items.Any(item => item is null))
            throw new InvalidDataException($"{where} holds null");
    }

    private static void RefuseTwice<T>(IEnumerable<T> names, string what)
    {
        if (names.GroupBy(n => n).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new InvalidDataException($"{what} '{twice.Key}' occurs {twice.Count()} times");
    }

    private static void RefuseNonFinite(double value, string what)
    {
        if (!double.IsFinite(value))
            throw new InvalidDataException($"{what} is not a finite number");
    }
}
