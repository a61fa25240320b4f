using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sio.Data;
using Sio.Detection;
using Sio.Engine;
using Sio.Experiments.Results;
using static TorchSharp.torch;

namespace Sio.Experiments;

/// <summary>What the detectors did on a bank.</summary>
/// <param name="Metrics">By the detector's name and the OOD set's (<c>near</c> for the files <c>test_near_…</c>).</param>
/// <param name="Skipped">By the name of a detector that could not run: the reason.</param>
public sealed record BankResults(
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, SetMetrics>> Metrics, IReadOnlyDictionary<string, string> Skipped)
{
    /// <summary>Everything that was measured.</summary>
    public required BankReport Report { get; init; }
}

/// <summary>What <c>report.json</c> holds: what <c>results.json</c> has of a run, without what only a training knows. Per cent, full precision.</summary>
public sealed record BankReport
{
    /// <summary>Names of the near-OOD sets; empty where the bank's sets were not grouped.</summary>
    public required IReadOnlyList<string> Near { get; init; }

    /// <summary>Names of the far-OOD sets, likewise.</summary>
    public required IReadOnlyList<string> Far { get; init; }

    /// <summary>Accuracy on the ID test set, 0 to 100; null where its labels are not known.</summary>
    public double? Accuracy { get; init; }

    /// <summary>Calibration on the ID test set, likewise.</summary>
    public CalibrationResults? Calibration { get; init; }

    /// <summary>The network on each covariate-shifted ID set, by name; null where there is none.</summary>
    [JsonPropertyName("shifted_id")]
    public IReadOnlyDictionary<string, ShiftedResults>? ShiftedId { get; init; }

    /// <summary>Results by the detector's name; near and far means where the sets were grouped.</summary>
    public required IReadOnlyDictionary<string, DetectorResults> Detectors { get; init; }

    /// <summary>Why a detector did not run, by its name; null where all that were asked for did.</summary>
    public IReadOnlyDictionary<string, string>? Skipped { get; init; }
}

/// <summary>
/// Scores a bank on disk: writes <c>&lt;detector&gt;/test_&lt;set&gt;.npy</c> (float32, one score per image) and <c>metrics.json</c> (detector → OOD set →
/// what <c>sio metrics</c> prints, CCR, OSCR and AUTC), and <c>report.json</c> (<see cref="BankReport"/>).
/// </summary>
public static class BankScorer
{
    private const string MetricsName = "metrics.json";
    private const string ReportName = "report.json";

    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The file of the metrics.</summary>
    public static string MetricsPath(string output) => Path.Combine(output, MetricsName);

    /// <summary>The file of everything else that was measured.</summary>
    public static string ReportPath(string output) => Path.Combine(output, ReportName);

    /// <summary>Scores a bank.</summary>
    /// <param name="bank">The bank: a <see cref="BankFolder"/> of features, or a <see cref="ScriptBank"/> of images and a model.</param>
    /// <param name="output">Where scores and metrics go; it gets all of them, or stays as it is.</param>
    /// <param name="options">Which detectors, and how; all that the bank supports, with their defaults, when null.</param>
    /// <param name="observer">Is told which detector runs, and what is searched.</param>
    /// <param name="cancellation">Stops between detectors; nothing has been written then.</param>
    /// <exception cref="UnknownNameException">There is no such detector.</exception>
    /// <exception cref="Recipes.RecipeException">A setting is wrong.</exception>
    /// <exception cref="DataException">The bank is incomplete or damaged, or the output cannot be written.</exception>
    /// <exception cref="DetectionException">A feature is NaN or infinite, or a detector asked for by name cannot run.</exception>
    public static BankResults Score(IBankSource bank, string output, ScoreOptions? options = null, RunObserver? observer = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(bank);
        options ??= new ScoreOptions();
        var (ensemble, groups) = (options.Ensemble, options.Groups);
        if (ensemble.Select(other => other.Path).Prepend(bank.Path).CountBy(Path.TrimEndingDirectorySeparator).FirstOrDefault(entry => entry.Value > 1) is { Key: { } twice })
            throw new DataException($"{twice} is in the ensemble twice: each network counts once");
        using var scope = NewDisposeScope();
        var head = bank.ReadHead();
        var (hasTrain, hasValidation) = (bank.Has(BankFolder.Train), bank.Has(BankFolder.Validation));
        var there = (ensemble.Count > 0 ? DetectorNeeds.SeveralNetworks : 0) | (hasTrain ? DetectorNeeds.TrainingSet : 0) | (hasValidation ? DetectorNeeds.ValidationSet : 0);
        using var roster = DetectorRoster.Create(options.Detectors, options.Settings, there);
        var ood = bank.OodSets;
        if (ood.Count == 0)
            throw new DataException($"{bank.Path}: holds no OOD set, at least one was expected (test_near_features.npy, test_near_logits.npy, test_near_labels.npy, where 'near' is any name; or images, with --model)");
        if (options.Tune)
            RefuseToTune(bank);
        string[] names = [.. ood.Select(set => set[BankFolder.OodSet(string.Empty).Length..])], shifted = [.. bank.ShiftedSets.Select(set => set[BankFolder.ShiftedSet(string.Empty).Length..])];
        groups.RefuseMissing(names, bank.Path);
        FeatureBank? train = null, validation = null, validationOod = null;
        var tests = new List<FeatureBank>();
        try
        {
            // All of the bank is read, also what no detector asks for: a damaged file is told now and not with the next detector.
            train = hasTrain ? bank.Read(BankFolder.Train) : null;
            validation = hasValidation ? bank.Read(BankFolder.Validation) : null;
            validationOod = options.Tune ? bank.Read(BankFolder.ValidationOod) : null;
            foreach (var set in ood.Prepend(BankFolder.Id).Concat(bank.ShiftedSets))
                tests.Add(bank.Read(set));
            if (tests.FirstOrDefault(test => IsSame(test, validationOod)) is { } same)
                throw new DataException($"{bank.Path}: {BankFolder.ValidationOod} holds the very images of {same.Name}; what is tested with must not choose");
            var several = roster.FitsOnSeveralNetworks ? tests.Append(train).Append(validation).Append(validationOod) : tests;
            foreach (var (other, set) in ensemble.SelectMany(other => several.OfType<FeatureBank>().Select(set => (other, set))))
                set.AddMember(other.ReadLogits(set.Name, set));
            if (observer is not null)
            {
                Check([.. new[] { train, validation, validationOod }.OfType<FeatureBank>(), .. tests], head, observer);
                WarnOfKnown(tests, ood.Count, observer);
            }

            var measurement = new Measurement(tests, names, shifted, groups);
            RunFolder.Create(output);
            using var held = RunFolder.Lock(output);
            var fit = head is { } known
                ? new DetectorFit(train, known.Weight, known.Bias, validation)
                : DetectorFit.WithoutHead(
                    train, tests[0].Features.size(1), tests[0].Logits.size(1), validation, "which is not known: there is no fc_weight.npy, and no weights of the model turn its features into its logits");
            var tuner = validationOod is null ? null : new Tuner(fit, validationOod, observer, cancellation);
            roster.Starting = observer is null ? null : observer.Detecting;
            var scored = roster.Score(fit, tests, tuner is null ? null : tuner.Choose, cancellation);
            var (scores, skipped) = scored;
            var results = scores.ToDictionary(entry => entry.Key, entry => measurement.Measure(entry.Value) with { Tuned = tuner?.Tuned.GetValueOrDefault(entry.Key), Fitted = scored.Fitted.GetValueOrDefault(entry.Key) });
            var metrics = results.ToDictionary(entry => entry.Key, entry => entry.Value.Sets);
            var report = new BankReport
            {
                Near = groups.Near,
                Far = groups.Far,
                Accuracy = measurement.Accuracy,
                Calibration = measurement.Calibration,
                ShiftedId = measurement.ShiftedId,
                Detectors = results,
                Skipped = skipped.Count > 0 ? skipped : null,
            };
            Write(output, scores, [.. tests.Select(test => test.Name)], metrics, report);
            foreach (var warning in scored.Warnings)
                observer?.Warn(warning);
            return new BankResults(metrics, skipped) { Report = report };
        }
        finally
        {
            train?.Dispose();
            validation?.Dispose();
            validationOod?.Dispose();
            foreach (var test in tests)
                test.Dispose();
        }
    }

    // One fault is in all sets as a rule: the warning names it in the first, and then the other sets.
    private static void Check(FeatureBank[] sets, (Tensor Weight, Tensor Bias)? head, RunObserver observer)
    {
        var found = sets.Select(set => (Set: set, Warnings: BankCheck.Warnings(set, head))).Where(entry => entry.Warnings.Count > 0).ToArray();
        if (found.Length == 0)
            return;
        foreach (var warning in found[0].Warnings)
            observer.Warn(warning);
        if (found.Length > 1)
            observer.Warn($"the same holds for {string.Join(", ", found.Skip(1).Select(entry => entry.Set.Name))}, or something like it");
    }

    // Known images in an OOD set are measured as if they were unknown.
    private static void WarnOfKnown(List<FeatureBank> tests, int oodSets, RunObserver observer)
    {
        var known = tests[0].RowHashes.ToHashSet();
        foreach (var set in tests.Skip(1).Take(oodSets))
        {
            if (set.RowHashes.Count(known.Contains) is var count and > 0)
                observer.Warn(ImageSet.Text($"{count} of the {set.Count} images of {set.Name} have the very features and logits of images of {tests[0].Name}: its figures are drawn towards chance"));
        }
    }

    private static void RefuseToTune(IBankSource bank)
    {
        if (new[] { BankFolder.Validation, BankFolder.ValidationOod }.FirstOrDefault(set => !bank.Has(set)) is { } missing)
            throw new DataException($"{bank.Path}: tuning needs the sets {BankFolder.Validation} and {BankFolder.ValidationOod}, and {missing} is not there ({missing}_features.npy, {missing}_logits.npy, {missing}_labels.npy; or images, with --model)");
    }

    // Equal logits, image by image, are a copy.
    private static bool IsSame(FeatureBank test, FeatureBank? validationOod) =>
        validationOod?.Count == test.Count && validationOod.Logits.AsSpan<float>().SequenceEqual(test.Logits.AsSpan<float>());

    // All files are written aside and then moved into place: a full disk leaves what was there before, not half of either.
    private static void Write(
        string folder, IReadOnlyDictionary<string, float[][]> scores, string[] sets, Dictionary<string, IReadOnlyDictionary<string, SetMetrics>> metrics,
        BankReport report)
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
            AtomicFile.WriteAllText(ReportPath(aside), JsonSerializer.Serialize(report, ResultsFile.Options) + "\n");

            // Metrics of other scores do not stand beside these.
            File.Delete(MetricsPath(folder));
            File.Delete(ReportPath(folder));
            foreach (var detector in scores.Keys)
            {
                Directory.CreateDirectory(Path.Combine(folder, detector));
                foreach (var set in sets)
                    File.Move(Path.Combine(aside, detector, set + ".npy"), Path.Combine(folder, detector, set + ".npy"), overwrite: true);
            }

            File.Move(ReportPath(aside), ReportPath(folder));
            File.Move(MetricsPath(aside), MetricsPath(folder));
        }
        finally
        {
            if (Directory.Exists(aside))
                Directory.Delete(aside, recursive: true);
        }
    }
}
