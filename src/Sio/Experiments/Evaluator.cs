using Sio.Data;
using Sio.Detection;
using Sio.Evaluation.Benchmarks;
using Sio.Experiments.Results;
using Sio.Torch;

namespace Sio.Experiments;

/// <summary>
/// Measures a trained run: one forward pass per image set, then every detector on the features. Writes scores and results.
/// </summary>
public static class Evaluator
{
    /// <summary>Evaluates a run.</summary>
    /// <param name="run">The run, prepared.</param>
    /// <param name="folder">The run's folder, with trained weights.</param>
    /// <param name="detectors">Names, or <see cref="DetectorRoster.All"/> for all that can run; the recipe's when null.</param>
    /// <param name="settings">Hyper-parameters <c>detector.key=value</c>, beside the recipe's and before them in rank.</param>
    /// <param name="outFolder">Where scores go; the run's folder when null.</param>
    /// <param name="ensemble">
    /// Folders of further runs on the same benchmark, whose networks join in where a detector needs several. Accuracy and predictions stay the run's own.
    /// </param>
    /// <param name="observer">Is told how many images are done.</param>
    /// <param name="cancellation">Stops between batches; nothing has been written then.</param>
    /// <exception cref="UnknownNameException">There is no such detector.</exception>
    /// <exception cref="DetectionException">A detector cannot score.</exception>
    /// <exception cref="DataException">Weights are missing or do not fit, or the folder cannot be written.</exception>
    public static RunResults Evaluate(
        Run run, RunFolder folder, IReadOnlyList<string>? detectors = null, IReadOnlyList<string>? settings = null, string? outFolder = null, IReadOnlyList<string>? ensemble = null,
        RunObserver? observer = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(folder);
        outFolder ??= folder.Path;
        var data = run.Data;
        var members = EnsembleRuns.Open(run, folder, ensemble ?? []);
        var there = data.Validation is null ? DetectorNeeds.TrainingSet : DetectorNeeds.TrainingSet | DetectorNeeds.ValidationSet;
        if (members.Count > 0)
            there |= DetectorNeeds.SeveralNetworks;
        using var roster = DetectorRoster.Create(detectors ?? run.Recipe.Evaluation.Detectors, [.. run.Recipe.Evaluation.Settings, .. settings ?? []], there);

        if (run.Recipe.Evaluation.Tune)
            RefuseToTuneWithoutValidation(data);
        var tune = run.Recipe.Evaluation.Tune && roster.CanTune;

        // No forward pass for what no detector fits on.
        var train = roster.Needs.HasFlag(DetectorNeeds.TrainingSet) ? data.Train : null;
        var validation = tune || roster.Needs.HasFlag(DetectorNeeds.ValidationSet) ? data.Validation : null;
        var validationOod = tune ? data.ValidationOod : null;
        ImageSet[] tests = [data.Test, .. data.Near, .. data.Far, .. data.ShiftedId];
        var fitted = (train?.Count ?? 0) + (validation?.Count ?? 0) + (validationOod?.Count ?? 0);
        var total = fitted + tests.Sum(set => set.Count);
        var several = roster.Needs.HasFlag(DetectorNeeds.SeveralNetworks) ? members.Count : 0;
        var (done, all) = (0, total + (several * (total - (roster.FitsOnSeveralNetworks ? 0 : fitted))));
        var banks = new List<FeatureBank>(tests.Length);
        FeatureBank? trainBank = null, validationBank = null, validationOodBank = null;
        try
        {
            using var model = run.LoadModel(folder);
            RunFolder.Create(outFolder);

            // Decided once: ID and OOD images must go through the very same arithmetic, however many there are of each.
            using var traced = total < FeatureBank.TracedFrom ? null : TracedClassifier.TryTrace(model);
            trainBank = Extract(train);
            validationBank = Extract(validation);
            validationOodBank = Extract(validationOod);
            foreach (var set in tests)
                banks.Add(Extract(set)!);
            if (several > 0)
            {
                (ImageSet? Images, FeatureBank? Bank)[] fits = roster.FitsOnSeveralNetworks ? [(train, trainBank), (validation, validationBank), (validationOod, validationOodBank)] : [];
                members.AddTo([.. fits.Where(set => set.Bank is not null).Select(set => (set.Images!, set.Bank!)), .. tests.Zip(banks)], Done, cancellation);
            }

            using var scope = new TensorScope();
            var fit = new DetectorFit(trainBank, model.Head.Weight.Detach().Cpu(), model.Head.Bias!.Detach().Cpu(), validationBank);
            var tuner = validationOodBank is null ? null : new Tuner(fit, validationOodBank, observer, cancellation);
            roster.Starting = observer is null ? null : observer.Detecting;
            var (scores, skipped) = roster.Score(fit, banks, tuner is null ? null : tuner.Choose, cancellation);
            cancellation.ThrowIfCancellationRequested();
            Write(outFolder, scores, banks);
            var measurement = new Measurement(banks, data.Near.Concat(data.Far).Select(set => set.Name), Names(data.ShiftedId), new OodGroups(Names(data.Near), Names(data.Far), data.Name));
            return new RunResults
            {
                Seed = run.Recipe.Seed,
                Accuracy = measurement.Accuracy!.Value,
                TrainSeconds = folder.Checkpoint.ReadState()?.Seconds ?? 0,
                Detectors = scores.ToDictionary(entry => entry.Key, entry => measurement.Measure(entry.Value) with { Tuned = tuner?.Tuned.GetValueOrDefault(entry.Key) }),
                Calibration = measurement.Calibration,
                ShiftedId = measurement.ShiftedId,
                Skipped = skipped.Count > 0 ? skipped : null,
                Ensemble = several > 0 ? members.Folders : null,
            };

            void Done(int count) => observer?.Evaluated(done += count, all);

            FeatureBank? Extract(ImageSet? set) => set is null ? null : FeatureBank.Extract(
                model, traced, set, run.Normalization, keepImages: true, run.Recipe.Evaluation.BatchSize, Done, cancellation);
        }
        finally
        {
            trainBank?.Dispose();
            validationBank?.Dispose();
            validationOodBank?.Dispose();
            foreach (var bank in banks)
                bank.Dispose();
        }
    }

    /// <summary>Results of a single run as a whole <c>results.json</c>.</summary>
    public static ExperimentResults Single(Run run, RunResults results)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Frame(run) with { Arms = [new ArmResults { Name = run.Arm, RealRatio = run.Recipe.Synthetic.RealRatio!.Value, Runs = [results] }] };
    }

    /// <summary>Results of a run's benchmark, without arms yet.</summary>
    internal static ExperimentResults Frame(Run run) => new()
    {
        Benchmark = run.Data.Name,
        Id = run.Data.Test.Name,
        Near = Names(run.Data.Near),
        Far = Names(run.Data.Far),
        ShiftedId = run.Data.ShiftedId.Count > 0 ? Names(run.Data.ShiftedId) : null,
        Arms = [],
    };

    private static void RefuseToTuneWithoutValidation(BenchmarkData data)
    {
        if (data.Validation is null)
            throw new DataException("tuning needs ID validation images, and there are none: all training images are trained on (fewer data.train_images leave some), or data.validation names none");
        if (data.ValidationOod is null)
            throw new DataException("tuning needs OOD validation images, and there are none: data.validation_ood names none, and one ID validation image is too few to make some of");
    }

    // All files are written aside and then moved into place: a full disk leaves what was there before, not half of either.
    private static void Write(string folder, IReadOnlyDictionary<string, float[][]> scores, List<FeatureBank> banks)
    {
        var aside = Path.Combine(folder, $".sio-scores-{Environment.ProcessId}");
        try
        {
            for (var i = 0; i < banks.Count; i++)
            {
                var predictions = NpyArray.Create(Array.ConvertAll(banks[i].Predictions(), value => (long)value));
                var labels = NpyArray.Create(Array.ConvertAll(banks[i].Labels, value => (long)value));
                foreach (var (detector, all) in scores)
                {
                    var path = RunFolder.ScoresPath(aside, detector, banks[i].Name);
                    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                    Npz.Write(path, ("pred", predictions), ("conf", NpyArray.Create(all[i])), ("gt", labels));
                }
            }

            // Results of other scores do not stand beside these.
            File.Delete(Path.Combine(folder, "results.json"));
            foreach (var detector in scores.Keys)
            {
                foreach (var set in banks.Select(bank => bank.Name))
                {
                    var path = RunFolder.ScoresPath(folder, detector, set);
                    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                    File.Move(RunFolder.ScoresPath(aside, detector, set), path, overwrite: true);
                }
            }
        }
        finally
        {
            if (Directory.Exists(aside))
                Directory.Delete(aside, recursive: true);
        }
    }

    private static string[] Names(IReadOnlyList<ImageSet> sets) => [.. sets.Select(set => set.Name)];
}
