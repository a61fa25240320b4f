using Sio.Data;
using Sio.Detection;
using Sio.Evaluation.Benchmarks;
using Sio.Experiments.Results;
using Sio.Training;
using static TorchSharp.torch;

namespace Sio.Experiments;

/// <summary>
/// Measures a trained run: one forward pass per image set, then every detector on the features. Writes scores and <c>results.json</c>, both
/// with the digest of the weights that they come from.
/// </summary>
public static class Evaluator
{
    /// <summary>Stands before the hash of a set that is read from files.</summary>
    internal const string FilesPrefix = "files:";

    private const string ResultsName = "results.json";

    /// <summary>Evaluates a run.</summary>
    /// <param name="run">The run, prepared.</param>
    /// <param name="folder">The run's folder, with trained weights.</param>
    /// <param name="options">What is done otherwise than the recipe says; nothing when null.</param>
    /// <param name="observer">Is told how many images are done.</param>
    /// <param name="cancellation">Stops between batches; nothing has been written then.</param>
    /// <exception cref="UnknownNameException">There is no such detector.</exception>
    /// <exception cref="DetectionException">A detector cannot score.</exception>
    /// <exception cref="DataException">Weights are missing or do not fit, or the folder cannot be written, or another process trains or
    /// evaluates there.</exception>
    public static RunResults Evaluate(Run run, RunFolder folder, EvaluationOptions? options = null, RunObserver? observer = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(folder);
        options ??= new EvaluationOptions();
        var (data, recipe) = (run.Data, run.Recipe.Evaluation);
        var members = EnsembleRuns.Open(run, folder, options.Ensemble);
        var there = DetectorNeeds.TrainingSet | (data.Validation is null ? 0 : DetectorNeeds.ValidationSet) | (members.Count > 0 ? DetectorNeeds.SeveralNetworks : 0);
        using var roster = DetectorRoster.Create(options.Detectors ?? recipe.Detectors, [.. recipe.Settings, .. options.Settings], there, run.Data.DetectorSettings);
        if (recipe.Tune)
            RefuseToTuneWithoutValidation(data);
        using var model = run.LoadModel(folder, options.Checkpoint);

        // All of the run is read before its network runs: damage is told now and not after the work.
        var seconds = folder.Checkpoint.ReadState()?.Seconds ?? 0;
        var output = options.Output ?? folder.Path;
        RunFolder.Create(output);

        // From here on: a training that begins in the meantime would leave the scores of weights that are gone.
        using var held = RunFolder.Lock(output);
        var weights = WeightsDigest.Of(model);
        using var banks = EvaluationBanks.Extract(run, model, roster, members, observer, cancellation);
        using var scope = NewDisposeScope();
        var measurement = new Measurement(banks.Tests, data.Near.Concat(data.Far).Select(set => set.Name), Names(data.ShiftedId), new OodGroups(Names(data.Near), Names(data.Far), data.Name));
        var fit = model.HasLinearLogits
            ? new DetectorFit(banks.Train, model.Head.weight.detach().cpu(), model.Head.bias!.detach().cpu(), banks.Validation)
            : DetectorFit.WithoutHead(
                banks.Train, model.FeatureSize, model.Shape.Classes, banks.Validation, $"and there is none: the objective {run.Recipe.Objective.Name} makes logits of the features in another way");
        var tuner = banks.ValidationOod is null ? null : new Tuner(fit, banks.ValidationOod, observer, cancellation) { Defaults = run.Data.DetectorSettings };
        roster.Starting = observer is null ? null : observer.Detecting;
        var scored = roster.Score(fit, banks.Tests, tuner is null ? null : tuner.Choose, cancellation);
        var (scores, skipped) = scored;
        var results = new RunResults
        {
            Seed = run.Recipe.Seed,
            Checkpoint = options.Checkpoint == CheckpointChoice.Best ? "best" : "last",
            Weights = weights,
            Accuracy = measurement.Accuracy!.Value,
            TrainSeconds = seconds,
            Detectors = scores.ToDictionary(entry => entry.Key, entry => measurement.Measure(entry.Value) with { Tuned = tuner?.Tuned.GetValueOrDefault(entry.Key), Fitted = scored.Fitted.GetValueOrDefault(entry.Key) }),
            Calibration = measurement.Calibration,
            ShiftedId = measurement.ShiftedId,
            Skipped = skipped.Count > 0 ? skipped : null,
            Ensemble = members.Count > 0 && roster.Needs.HasFlag(DetectorNeeds.SeveralNetworks) ? members.Folders : null,
        };
        cancellation.ThrowIfCancellationRequested();
        var file = ResultsFile.ToJson(Single(run, results));
        Write(output, scores, banks.Tests, weights, file);
        foreach (var warning in scored.Warnings)
            observer?.Warn(warning);
        WarnOfOtherScores(output, scores.Keys, banks.Tests.Select(bank => bank.Name), weights, observer);
        return results;
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
        Images = ContentHashes(run.Data),
        Missing = run.Data.Missing.Count > 0 ? [.. run.Data.Missing.Select(set => $"{set.Group}: {set.Name}")] : null,
        Arms = [],
    };

    /// <summary>What <c>results.json</c> has of each set's content.</summary>
    internal static IReadOnlyDictionary<string, string> ContentHashes(BenchmarkData data) => new[] { data.Test }.Concat(data.Near).Concat(data.Far).Concat(data.ShiftedId)
        .ToDictionary(set => set.Name, set => (set.IsStreamed ? FilesPrefix : string.Empty) + set.ContentHash);

    // Scores of detectors that did not run now stay, as they always did; that they are of other weights has to be said, since nothing else
    // would show it.
    private static void WarnOfOtherScores(string folder, IEnumerable<string> now, IEnumerable<string> sets, string weights, RunObserver? observer)
    {
        var others = Catalog<Detector>.Names.Except(now)
            .Where(name => sets.Select(set => RunFolder.ScoresPath(folder, name, set)).FirstOrDefault(File.Exists) is { } path && WeightsDigest.OfScores(path) != weights)
            .Order(StringComparer.Ordinal)
            .ToArray();
        if (others.Length > 0)
            observer?.Warn($"{Path.Combine(folder, "scores")} has scores of {string.Join(", ", others)} that are of other weights, or of an earlier version that does not say of which: they do not stand in results.json; evaluate these detectors again, or delete them");
    }

    private static void RefuseToTuneWithoutValidation(BenchmarkData data)
    {
        if (data.Validation is null)
            throw new DataException("tuning needs ID validation images, and there are none: all training images are trained on (fewer data.train_images leave some), or data.validation names none");
        if (data.ValidationOod is null)
            throw new DataException("tuning needs OOD validation images, and there are none: data.validation_ood names none, and one ID validation image is too few to make some of");
    }

    // All files are written aside and then moved into place: a full disk leaves what was there before, not half of either.
    private static void Write(string folder, IReadOnlyDictionary<string, float[][]> scores, IReadOnlyList<FeatureBank> banks, string weights, string results)
    {
        var aside = Path.Combine(folder, $".sio-scores-{Environment.ProcessId}");
        try
        {
            Directory.CreateDirectory(aside);
            AtomicFile.WriteAllText(Path.Combine(aside, ResultsName), results + "\n");
            var digest = NpyArray.Create(Convert.FromHexString(weights));
            for (var i = 0; i < banks.Count; i++)
            {
                var predictions = NpyArray.Create(Array.ConvertAll(banks[i].Predictions(), value => (long)value));
                var labels = NpyArray.Create(Array.ConvertAll(banks[i].Labels, value => (long)value));
                foreach (var (detector, all) in scores)
                {
                    var path = RunFolder.ScoresPath(aside, detector, banks[i].Name);
                    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                    Npz.Write(path, ("pred", predictions), ("conf", NpyArray.Create(all[i])), ("gt", labels), (WeightsDigest.ScoresName, digest));
                }
            }

            // Results of other scores do not stand beside these.
            File.Delete(Path.Combine(folder, ResultsName));
            foreach (var detector in scores.Keys)
            {
                foreach (var set in banks.Select(bank => bank.Name))
                {
                    var path = RunFolder.ScoresPath(folder, detector, set);
                    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                    File.Move(RunFolder.ScoresPath(aside, detector, set), path, overwrite: true);
                }
            }

            File.Move(Path.Combine(aside, ResultsName), Path.Combine(folder, ResultsName), overwrite: true);
        }
        finally
        {
            if (Directory.Exists(aside))
                Directory.Delete(aside, recursive: true);
        }
    }

    private static string[] Names(IReadOnlyList<ImageSet> sets) => [.. sets.Select(set => set.Name)];
}
