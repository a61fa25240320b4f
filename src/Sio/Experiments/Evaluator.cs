using Sio.Data;
using Sio.Detection;
using Sio.Evaluation;
using Sio.Experiments.Results;
using Sio.Networks;
using Sio.Torch;

namespace Sio.Experiments;

/// <summary>
/// Measures a trained run: one forward pass per image set, then every detector on the features. Writes scores and results.
/// </summary>
public static class Evaluator
{
    /// <summary>The name that stands for every detector.</summary>
    public const string All = "all";

    /// <summary>Evaluates a run.</summary>
    /// <param name="run">The run, prepared.</param>
    /// <param name="folder">The run's folder, with trained weights.</param>
    /// <param name="detectors">Names, or <see cref="All"/>; the recipe's when null.</param>
    /// <param name="outFolder">Where scores go; the run's folder when null.</param>
    /// <param name="observer">Is told how many images are done.</param>
    /// <param name="cancellation">Stops between batches; nothing has been written then.</param>
    /// <exception cref="UnknownNameException">There is no such detector.</exception>
    /// <exception cref="DetectionException">A detector cannot score.</exception>
    /// <exception cref="DataException">Weights are missing or do not fit, or the folder cannot be written.</exception>
    public static RunResults Evaluate(
        Run run, RunFolder folder, IReadOnlyList<string>? detectors = null, string? outFolder = null, RunObserver? observer = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(folder);
        var names = Expand(detectors ?? run.Recipe.Evaluation.Detectors);
        outFolder ??= folder.Path;
        var data = run.Data;
        ImageSet[] sets = [data.Train, data.Test, .. data.Near, .. data.Far];
        var banks = new List<FeatureBank>(sets.Length);
        try
        {
            using var model = run.LoadModel(folder);
            RunFolder.Create(outFolder);
            var (done, total) = (0, sets.Sum(set => set.Count));
            foreach (var set in sets)
            {
                banks.Add(FeatureBank.Extract(
                    model, set, run.Normalization, run.Recipe.Evaluation.BatchSize,
                    count => observer?.Evaluated(done += count, total), cancellation));
            }

            var scores = Score(names, model, banks);
            cancellation.ThrowIfCancellationRequested();
            Write(outFolder, scores, banks);
            return new RunResults
            {
                Seed = run.Recipe.Seed,
                Accuracy = Accuracy.Compute(banks[1].Predictions(), banks[1].Labels),
                TrainSeconds = folder.Checkpoint.ReadState()?.Seconds ?? 0,
                Detectors = names.ToDictionary(name => name, name => Results(scores[name], data.Near.Count, banks)),
            };
        }
        finally
        {
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
        Near = [.. run.Data.Near.Select(set => set.Name)],
        Far = [.. run.Data.Far.Select(set => set.Name)],
        Arms = [],
    };

    private static string[] Expand(IReadOnlyList<string> names)
    {
        string[] expanded = [.. names.SelectMany(name => name == All ? [.. Catalog<Detector>.Names] : new[] { name }).Distinct()];
        foreach (var name in expanded.Where(name => !Catalog<Detector>.Names.Contains(name)))
            throw new UnknownNameException(nameof(Detector), name, Catalog<Detector>.Names);
        return expanded;
    }

    // Banks: the training images first, then the ID test images, then the OOD sets.
    private static Dictionary<string, float[][]> Score(string[] names, Classifier model, List<FeatureBank> banks)
    {
        using var scope = new TensorScope();
        var fit = new DetectorFit(banks[0], model.Head.Weight.Detach().Cpu(), model.Head.Bias!.Detach().Cpu());
        var scores = new Dictionary<string, float[][]>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            using var detector = Catalog<Detector>.Create(name);
            detector.Fit(fit);
            scores[name] = [.. banks.Skip(1).Select(detector.Score)];
        }

        return scores;
    }

    // All files are written aside and then moved into place: a full disk leaves what was there before, not half of either.
    private static void Write(string folder, Dictionary<string, float[][]> scores, List<FeatureBank> banks)
    {
        var aside = Path.Combine(folder, $".sio-scores-{Environment.ProcessId}");
        try
        {
            for (var i = 1; i < banks.Count; i++)
            {
                var predictions = NpyArray.Create(Array.ConvertAll(banks[i].Predictions(), value => (long)value));
                var labels = NpyArray.Create(Array.ConvertAll(banks[i].Labels, value => (long)value));
                foreach (var (detector, all) in scores)
                {
                    var path = RunFolder.ScoresPath(aside, detector, banks[i].Name);
                    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                    Npz.Write(path, ("pred", predictions), ("conf", NpyArray.Create(all[i - 1])), ("gt", labels));
                }
            }

            // Results of other scores do not stand beside these.
            File.Delete(Path.Combine(folder, "results.json"));
            foreach (var detector in scores.Keys)
            {
                foreach (var set in banks.Skip(1).Select(bank => bank.Name))
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

    private static DetectorResults Results(float[][] scores, int nearCount, List<FeatureBank> banks)
    {
        var metrics = scores.Skip(1).Select(ood => SetMetrics.From(OodMetrics.Compute(scores[0], ood))).ToArray();
        string[] names = [.. banks.Skip(2).Select(bank => bank.Name)];
        var sets = names.Zip(metrics).ToDictionary(pair => pair.First, pair => pair.Second);
        return DetectorResults.FromSets(sets, names[..nearCount], names[nearCount..]);
    }
}
