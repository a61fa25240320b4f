using System.Text.Encodings.Web;
using System.Text.Json;
using Sio.Data;
using Sio.Detection;
using Sio.Evaluation;
using Sio.Experiments.Results;
using Sio.Torch;

namespace Sio.Experiments;

/// <summary>What the detectors did on a bank.</summary>
/// <param name="Metrics">By the detector's name and the OOD set's (<c>near</c> for the files <c>test_near_…</c>).</param>
/// <param name="Skipped">By the name of a detector that could not run: the reason.</param>
public sealed record BankResults(
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, SetMetrics>> Metrics, IReadOnlyDictionary<string, string> Skipped);

/// <summary>
/// Scores a bank on disk: writes <c>&lt;detector&gt;/test_&lt;set&gt;.npy</c> (float32, one score per image) and <c>metrics.json</c> (detector → OOD set →
/// what <c>sio metrics</c> prints).
/// </summary>
public static class BankScorer
{
    private const string MetricsName = "metrics.json";

    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The file of the metrics.</summary>
    public static string MetricsPath(string output) => Path.Combine(output, MetricsName);

    /// <summary>Scores a bank.</summary>
    /// <param name="bank">The bank.</param>
    /// <param name="detectors">Names, or <see cref="DetectorRoster.All"/> for all that the bank supports.</param>
    /// <param name="settings">Hyper-parameters <c>detector.key=value</c>.</param>
    /// <param name="output">Where scores and metrics go; it gets all of them, or stays as it is.</param>
    /// <param name="ensemble">Banks of further networks with the same images, which join in where a detector needs several; only their logits and labels are read.</param>
    /// <param name="cancellation">Stops between detectors; nothing has been written then.</param>
    /// <exception cref="UnknownNameException">There is no such detector.</exception>
    /// <exception cref="Recipes.RecipeException">A setting is wrong.</exception>
    /// <exception cref="DataException">The bank is incomplete or damaged, or the output cannot be written.</exception>
    /// <exception cref="DetectionException">A feature is NaN or infinite, or a detector asked for by name cannot run.</exception>
    public static BankResults Score(
        BankFolder bank, IReadOnlyList<string> detectors, IReadOnlyList<string> settings, string output, IReadOnlyList<BankFolder>? ensemble = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(bank);
        ensemble ??= [];
        if (ensemble.Prepend(bank).CountBy(folder => Path.TrimEndingDirectorySeparator(folder.Path)).FirstOrDefault(entry => entry.Value > 1) is { Key: { } twice })
            throw new DataException($"{twice} is in the ensemble twice: each network counts once");
        using var scope = new TensorScope();
        var (weight, bias) = bank.ReadHead();
        var (hasTrain, hasValidation) = (bank.Has(BankFolder.Train), bank.Has(BankFolder.Validation));
        var there = (ensemble.Count > 0 ? DetectorNeeds.SeveralNetworks : 0) | (hasTrain ? DetectorNeeds.TrainingSet : 0) | (hasValidation ? DetectorNeeds.ValidationSet : 0);
        using var roster = DetectorRoster.Create(detectors, settings, there);
        var ood = bank.OodSets;
        if (ood.Count == 0)
            throw new DataException($"{bank.Path}: holds no OOD set, at least one was expected (test_near_features.npy, test_near_logits.npy, test_near_labels.npy, where 'near' is any name)");
        FeatureBank? train = null, validation = null;
        var tests = new List<FeatureBank>();
        try
        {
            // All of the bank is read, also what no detector asks for: a damaged file is told now and not with the next detector.
            train = hasTrain ? bank.Read(BankFolder.Train) : null;
            validation = hasValidation ? bank.Read(BankFolder.Validation) : null;
            foreach (var set in ood.Prepend(BankFolder.Id))
                tests.Add(bank.Read(set));
            var several = roster.FitsOnSeveralNetworks ? tests.Append(train).Append(validation) : tests;
            foreach (var (other, set) in ensemble.SelectMany(other => several.OfType<FeatureBank>().Select(set => (other, set))))
                set.AddMember(other.ReadLogits(set.Name, set));
            RunFolder.Create(output);
            var (scores, skipped) = roster.Score(new DetectorFit(train, weight, bias, validation), tests, cancellation);
            var metrics = scores.ToDictionary(entry => entry.Key, entry => (IReadOnlyDictionary<string, SetMetrics>)Metrics(entry.Value, ood));
            Write(output, scores, [.. tests.Select(test => test.Name)], metrics);
            return new BankResults(metrics, skipped);
        }
        finally
        {
            train?.Dispose();
            validation?.Dispose();
            foreach (var test in tests)
                test.Dispose();
        }
    }

    // The scores of the ID test images come first.
    private static Dictionary<string, SetMetrics> Metrics(float[][] scores, IReadOnlyList<string> ood) =>
        ood.Select((set, i) => (Name: set[BankFolder.OodSet(string.Empty).Length..], Metrics: SetMetrics.From(OodMetrics.Compute(scores[0], scores[i + 1]))))
            .ToDictionary(entry => entry.Name, entry => entry.Metrics);

    // All files are written aside and then moved into place: a full disk leaves what was there before, not half of either.
    private static void Write(
        string folder, IReadOnlyDictionary<string, float[][]> scores, string[] sets, Dictionary<string, IReadOnlyDictionary<string, SetMetrics>> metrics)
    {
        var aside = Path.Combine(folder, $".sio-scores-{Environment.ProcessId}");
        try
        {
            Directory.CreateDirectory(aside);
            foreach (var (detector, all) in scores)
            {
                Directory.CreateDirectory(Path.Combine(aside, detector));
                for (var i = 0; i < sets.Length; i++)
                    Npy.Write(Path.Combine(aside, detector, sets[i] + ".npy"), NpyArray.Create(all[i]));
            }

            AtomicFile.WriteAllText(MetricsPath(aside), JsonSerializer.Serialize(metrics, s_json) + "\n");

            // Metrics of other scores do not stand beside these.
            File.Delete(MetricsPath(folder));
            foreach (var detector in scores.Keys)
            {
                Directory.CreateDirectory(Path.Combine(folder, detector));
                foreach (var set in sets)
                    File.Move(Path.Combine(aside, detector, set + ".npy"), Path.Combine(folder, detector, set + ".npy"), overwrite: true);
            }

            File.Move(MetricsPath(aside), MetricsPath(folder));
        }
        finally
        {
            if (Directory.Exists(aside))
                Directory.Delete(aside, recursive: true);
        }
    }
}
