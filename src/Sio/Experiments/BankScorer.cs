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
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, SetMetrics>> Metrics, IReadOnlyDictionary<string, string> Skipped)
{
    /// <summary>By the detector's name: how its hyper-parameters were chosen, where they were searched for.</summary>
    public IReadOnlyDictionary<string, TunedDetector> Tuned { get; init; } = new Dictionary<string, TunedDetector>();
}

/// <summary>
/// Scores a bank on disk: writes <c>&lt;detector&gt;/test_&lt;set&gt;.npy</c> (float32, one score per image) and <c>metrics.json</c> (detector → OOD set →
/// what <c>sio metrics</c> prints; and, where hyper-parameters were searched for, <c>tuned</c>).
/// </summary>
public static class BankScorer
{
    private const string MetricsName = "metrics.json";
    private const string TunedKey = "tuned";

    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The file of the metrics.</summary>
    public static string MetricsPath(string output) => Path.Combine(output, MetricsName);

    /// <summary>Scores a bank.</summary>
    /// <param name="bank">The bank: a <see cref="BankFolder"/> of features, or a <see cref="ScriptBank"/> of images and a model.</param>
    /// <param name="detectors">Names, or <see cref="DetectorRoster.All"/> for all that the bank supports.</param>
    /// <param name="settings">Hyper-parameters <c>detector.key=value</c>.</param>
    /// <param name="output">Where scores and metrics go; it gets all of them, or stays as it is.</param>
    /// <param name="ensemble">Banks of further networks with the same images, which join in where a detector needs several; only their logits and labels are read.</param>
    /// <param name="tune">Choose hyper-parameters that the settings leave open by the sets <c>val</c> and <c>val_ood</c>.</param>
    /// <param name="observer">Is told what is searched.</param>
    /// <param name="cancellation">Stops between detectors; nothing has been written then.</param>
    /// <exception cref="UnknownNameException">There is no such detector.</exception>
    /// <exception cref="Recipes.RecipeException">A setting is wrong.</exception>
    /// <exception cref="DataException">The bank is incomplete or damaged, or the output cannot be written.</exception>
    /// <exception cref="DetectionException">A feature is NaN or infinite, or a detector asked for by name cannot run.</exception>
    public static BankResults Score(
        IBankSource bank, IReadOnlyList<string> detectors, IReadOnlyList<string> settings, string output, IReadOnlyList<BankFolder>? ensemble = null,
        bool tune = false, RunObserver? observer = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(bank);
        ensemble ??= [];
        if (ensemble.Select(other => other.Path).Prepend(bank.Path).CountBy(Path.TrimEndingDirectorySeparator).FirstOrDefault(entry => entry.Value > 1) is { Key: { } twice })
            throw new DataException($"{twice} is in the ensemble twice: each network counts once");
        using var scope = new TensorScope();
        var head = bank.ReadHead();
        var (hasTrain, hasValidation) = (bank.Has(BankFolder.Train), bank.Has(BankFolder.Validation));
        var there = (ensemble.Count > 0 ? DetectorNeeds.SeveralNetworks : 0) | (hasTrain ? DetectorNeeds.TrainingSet : 0) | (hasValidation ? DetectorNeeds.ValidationSet : 0);
        using var roster = DetectorRoster.Create(detectors, settings, there);
        var ood = bank.OodSets;
        if (ood.Count == 0)
            throw new DataException($"{bank.Path}: holds no OOD set, at least one was expected (test_near_features.npy, test_near_logits.npy, test_near_labels.npy, where 'near' is any name; or images, with --model)");
        if (tune)
            RefuseToTune(bank, ood);
        FeatureBank? train = null, validation = null, validationOod = null;
        var tests = new List<FeatureBank>();
        try
        {
            // All of the bank is read, also what no detector asks for: a damaged file is told now and not with the next detector.
            train = hasTrain ? bank.Read(BankFolder.Train) : null;
            validation = hasValidation ? bank.Read(BankFolder.Validation) : null;
            validationOod = tune ? bank.Read(BankFolder.ValidationOod) : null;
            foreach (var set in ood.Prepend(BankFolder.Id))
                tests.Add(bank.Read(set));
            if (tests.FirstOrDefault(test => IsSame(test, validationOod)) is { } same)
                throw new DataException($"{bank.Path}: {BankFolder.ValidationOod} holds the very images of {same.Name}; what is tested with must not choose");
            var several = roster.FitsOnSeveralNetworks ? tests.Append(train).Append(validation).Append(validationOod) : tests;
            foreach (var (other, set) in ensemble.SelectMany(other => several.OfType<FeatureBank>().Select(set => (other, set))))
                set.AddMember(other.ReadLogits(set.Name, set));
            RunFolder.Create(output);
            var fit = head is { } known
                ? new DetectorFit(train, known.Weight, known.Bias, validation)
                : DetectorFit.WithoutHead(train, tests[0].Features.Size(1), tests[0].Logits.Size(1), validation);
            var tuner = validationOod is null ? null : new Tuner(fit, validationOod, observer, cancellation);
            var (scores, skipped) = roster.Score(fit, tests, tuner is null ? null : tuner.Choose, cancellation);
            var tuned = scores.Keys.Where(name => tuner?.Tuned.ContainsKey(name) == true).ToDictionary(name => name, name => tuner!.Tuned[name]);
            var metrics = scores.ToDictionary(entry => entry.Key, entry => (IReadOnlyDictionary<string, SetMetrics>)Metrics(entry.Value, ood));
            Write(output, scores, [.. tests.Select(test => test.Name)], metrics, tuned);
            return new BankResults(metrics, skipped) { Tuned = tuned };
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

    // The scores of the ID test images come first.
    private static Dictionary<string, SetMetrics> Metrics(float[][] scores, IReadOnlyList<string> ood) =>
        ood.Select((set, i) => (Name: set[BankFolder.OodSet(string.Empty).Length..], Metrics: SetMetrics.From(OodMetrics.Compute(scores[0], scores[i + 1]))))
            .ToDictionary(entry => entry.Name, entry => entry.Metrics);

    private static void RefuseToTune(IBankSource bank, IReadOnlyList<string> ood)
    {
        if (new[] { BankFolder.Validation, BankFolder.ValidationOod }.FirstOrDefault(set => !bank.Has(set)) is { } missing)
            throw new DataException($"{bank.Path}: tuning needs the sets {BankFolder.Validation} and {BankFolder.ValidationOod}, and {missing} is not there ({missing}_features.npy, {missing}_logits.npy, {missing}_labels.npy)");
        if (ood.Contains(BankFolder.OodSet(TunedKey)))
            throw new DataException($"{bank.Path}: an OOD set is named '{TunedKey}', which is the name of the search's results in {MetricsName}: give the set another name");
    }

    // Equal logits, image by image, are a copy.
    private static bool IsSame(FeatureBank test, FeatureBank? validationOod) =>
        validationOod?.Count == test.Count && validationOod.Logits.AsSpan<float>().SequenceEqual(test.Logits.AsSpan<float>());

    // All files are written aside and then moved into place: a full disk leaves what was there before, not half of either.
    private static void Write(
        string folder, IReadOnlyDictionary<string, float[][]> scores, string[] sets, Dictionary<string, IReadOnlyDictionary<string, SetMetrics>> metrics,
        Dictionary<string, TunedDetector> tuned)
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

            AtomicFile.WriteAllText(MetricsPath(aside), JsonSerializer.Serialize(metrics.ToDictionary(entry => entry.Key, entry => WithTuned(entry.Value, tuned.GetValueOrDefault(entry.Key))), s_json) + "\n");

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

    private static Dictionary<string, object> WithTuned(IReadOnlyDictionary<string, SetMetrics> sets, TunedDetector? tuned)
    {
        var all = sets.ToDictionary(entry => entry.Key, entry => (object)entry.Value);
        if (tuned is not null)
            all.Add(TunedKey, tuned);
        return all;
    }
}
