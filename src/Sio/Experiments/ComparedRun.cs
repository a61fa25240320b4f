using System.Globalization;
using Sio.Data;
using Sio.Evaluation;
using Sio.Experiments.Results;

namespace Sio.Experiments;

/// <summary>One run's scores on disk, to be compared with another's.</summary>
internal sealed class ComparedRun
{
    private readonly ExperimentResults _results;
    private readonly string? _weights;

    private ComparedRun(string folder, ExperimentResults results, RunResults run)
    {
        Folder = folder;
        Seed = run.Seed;
        _results = results;
        _weights = run.Weights;
        Detectors = [.. run.Detectors.Keys];
    }

    /// <summary>Its folder.</summary>
    public string Folder { get; }

    /// <summary>Its seed.</summary>
    public long Seed { get; }

    /// <summary>Name of the ID set.</summary>
    public string Id => _results.Id;

    /// <summary>Names of the near-OOD sets.</summary>
    public IReadOnlyList<string> Near => _results.Near;

    /// <summary>Names of the far-OOD sets.</summary>
    public IReadOnlyList<string> Far => _results.Far;

    /// <summary>The detectors that its results name.</summary>
    public IReadOnlyCollection<string> Detectors { get; }

    /// <summary>Opens a run's folder, or the runs of one arm of a quickstart's: its first arm is the base, its second the other side.</summary>
    /// <exception cref="DataException">The folder is neither.</exception>
    public static IEnumerable<ComparedRun> Open(string folder, bool isBase)
    {
        var path = Path.Combine(folder, "results.json");
        if (!File.Exists(path))
            throw new DataException($"{folder}: holds no results.json, the folder of an evaluated run or of a quickstart was expected");
        var results = ResultsFile.Read(path);
        if (results.Arms is [{ Runs: [var single] }])
            return [new ComparedRun(folder, results, single)];
        if (results.Arms.Count != 2)
            throw new DataException($"{path}: has {results.Arms.Count} arms, one with one run (a run's folder) or two (a quickstart's) were expected");
        var arm = results.Arms[isBase ? 0 : 1];
        return arm.Runs.Select(run => new ComparedRun(
            Path.Combine(folder, arm.Name, string.Create(CultureInfo.InvariantCulture, $"seed{run.Seed}")), results, run));
    }

    /// <summary>Whether a folder holds a quickstart's two arms.</summary>
    public static bool IsQuickstart(string folder)
    {
        var path = Path.Combine(folder, "results.json");
        return File.Exists(path) && ResultsFile.Read(path).Arms.Count == 2;
    }

    /// <summary>Refuses a run that was measured on other sets.</summary>
    /// <exception cref="DataException">It was.</exception>
    public void RefuseOtherSets(ComparedRun first)
    {
        if (Id != first.Id || !Near.SequenceEqual(first.Near) || !Far.SequenceEqual(first.Far))
            throw new DataException($"{Folder}: was measured on {Sets()}, but {first.Folder} on {first.Sets()}; runs can be compared on the same image sets only");
        if (_results.Images is not { } own || first._results.Images is not { } others)
            return;
        foreach (var (set, hash) in own)
        {
            // Of sets that are read from files the hash says where they are, and not what they show.
            if (others.TryGetValue(set, out var other) && hash != other && !hash.StartsWith(Evaluator.FilesPrefix, StringComparison.Ordinal) && !other.StartsWith(Evaluator.FilesPrefix, StringComparison.Ordinal))
                throw new DataException($"{Folder}: the images or labels of '{set}' are others than those of {first.Folder}, by the hashes in results.json; runs can be compared on the same images only");
        }
    }

    /// <summary>A detector's scores on the ID set and on some OOD sets.</summary>
    /// <param name="detector">The detector.</param>
    /// <param name="ood">The OOD sets.</param>
    /// <param name="labels">Label arrays by set, with the folder that each came from; filled by the first run, compared by the others.</param>
    /// <exception cref="DataException">A file is missing or damaged, or other images were scored.</exception>
    public ScoredSets Load(string detector, IReadOnlyList<string> ood, Dictionary<string, (string Folder, long[] Labels)> labels) =>
        new(Load(detector, Id, labels), [.. ood.Select(set => Load(detector, set, labels))]);

    private double[] Load(string detector, string set, Dictionary<string, (string Folder, long[] Labels)> labels)
    {
        var path = RunFolder.ScoresPath(Folder, detector, set);
        var arrays = Npz.Read(path);
        // OpenOOD calls the labels 'gt' up to 1.0 and 'label' since.
        if (!arrays.TryGetValue(ScoreFile.ArrayName, out var conf) || !(arrays.TryGetValue("gt", out var gt) || arrays.TryGetValue("label", out gt)))
            throw new DataException($"{path}: has the arrays {string.Join(", ", arrays.Keys)}; 'conf' and 'gt' were expected");

        var (scores, truth) = (ScoreFile.Scores(conf).ToDoubles(), gt.ToInt64s());
        if (scores.Length == 0 || scores.Length != truth.Length)
            throw new DataException($"{path}: has {scores.Length} scores for {truth.Length} labels; one score per image was expected");
        if (_weights is not null && arrays.TryGetValue(WeightsDigest.ScoresName, out var digest) && WeightsDigest.Text(digest) != _weights)
            throw new DataException($"{path}: its scores come from other weights than {Folder}'s results.json: evaluate the run again");
        if (Array.FindIndex(scores, double.IsNaN) is var at and >= 0)
            throw new DataException($"{conf.Source}: score {at} is NaN");
        if (!labels.TryAdd(set, (Folder, truth)) && !labels[set].Labels.AsSpan().SequenceEqual(truth))
            throw new DataException($"{path}: its labels are not those of {labels[set].Folder}; runs can be compared on the same images only");
        return scores;
    }

    private string Sets() => $"{Id} (near: {string.Join(", ", Near)}; far: {string.Join(", ", Far)})";
}
