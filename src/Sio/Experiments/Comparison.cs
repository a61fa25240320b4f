using Sio.Data;
using Sio.Evaluation;
using Sio.Experiments.Results;

namespace Sio.Experiments;

/// <summary>
/// Compares runs with others that scored the same images: near- and far-OOD AUROC and FPR@95 of every detector, the differences with
/// their 95 % intervals, and what is significant after Holm's correction over all of them.
/// </summary>
/// <remarks>
/// <para>Several runs per side: the difference of the means over seeds, with Student's t; paired where both sides have the same
/// seeds, Welch's otherwise. These intervals say what other seeds would give.</para>
/// <para>One run per side: DeLong for AUROC on a single OOD set; the bootstrap, stratified and paired by image, for FPR@95 and for means over
/// sets. These intervals say what other images would give, for these two networks.</para>
/// </remarks>
public sealed class Comparison
{
    private const double Level = 0.95;

    // What the bootstrap resamples.
    private static readonly Dictionary<string, Func<OodMetrics, double>> s_metrics = new()
    {
        ["auroc"] = metrics => metrics.Auroc,
        ["aupr_in"] = metrics => metrics.AuprIn,
        ["aupr_out"] = metrics => metrics.AuprOut,
        ["fpr95"] = metrics => metrics.Fpr95,
        ["fpr95_ood"] = metrics => metrics.Fpr95Ood,
    };

    private readonly ComparedRun[] _base;
    private readonly ComparedRun[] _with;
    private readonly bool _paired;

    /// <summary>Opens both sides.</summary>
    /// <param name="baseFolders">Folders of evaluated runs, or of quickstarts, whose first arm is taken.</param>
    /// <param name="withFolders">The same for the other side; of quickstarts the second arm is taken. Empty: the second arms of <paramref name="baseFolders"/>.</param>
    /// <exception cref="DataException">A folder is no run, runs were measured on different sets, or the sides cannot be compared.</exception>
    /// <exception cref="InvalidDataException">A results file is damaged.</exception>
    public Comparison(IReadOnlyList<string> baseFolders, IReadOnlyList<string> withFolders)
    {
        ArgumentNullException.ThrowIfNull(baseFolders);
        ArgumentNullException.ThrowIfNull(withFolders);
        if (withFolders.Count == 0)
        {
            if (baseFolders.FirstOrDefault(folder => !ComparedRun.IsQuickstart(folder)) is { } single)
                throw new DataException($"{single}: is no quickstart's folder with two arms; --with names what a run is to be compared with");
            withFolders = baseFolders;
        }

        _base = Open(baseFolders, isBase: true);
        _with = Open(withFolders, isBase: false);
        if (_base.Length == 0 || _with.Length == 0)
            throw new DataException("a comparison needs at least one run on each side");
        foreach (var run in _base.Concat(_with))
            run.RefuseOtherSets(_base[0]);
        if (_base[0].Near.Count + _base[0].Far.Count == 0)
            throw new DataException($"{_base[0].Folder}: was measured on no OOD set, there is nothing to compare");
        if (_with.FirstOrDefault(run => _base.Any(other => Path.GetFullPath(other.Folder) == Path.GetFullPath(run.Folder))) is { } both)
            throw new DataException($"{both.Folder}: is on both sides of the comparison");
        if (_base.Length != _with.Length && Math.Min(_base.Length, _with.Length) == 1)
            throw new DataException($"{_base.Length} and {_with.Length} runs cannot be compared: one each, or at least two each, are needed");
        _paired = _base.Select(run => run.Seed).SequenceEqual(_with.Select(run => run.Seed));
    }

    /// <summary>The metrics that can be compared, by their names in <c>results.json</c>.</summary>
    public static IReadOnlyCollection<string> Metrics => s_metrics.Keys;

    /// <summary>Reads the scores and compares.</summary>
    /// <param name="bootstrap">The resampling for single runs.</param>
    /// <param name="metrics">Some of <see cref="Metrics"/>; <c>auroc</c> and <c>fpr95</c> when null. Holm's correction goes over all their rows.</param>
    /// <param name="cancellation">Stops soon; nothing is returned then.</param>
    /// <exception cref="UnknownNameException">There is no such metric.</exception>
    /// <exception cref="DataException">Scores are missing or damaged, other images were scored, or no detector is common to all runs.</exception>
    public ComparisonResults Compute(StratifiedBootstrap bootstrap, IReadOnlyList<string>? metrics = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(bootstrap);
        metrics = [.. (metrics ?? ["auroc", "fpr95"]).Distinct()];
        foreach (var unknown in metrics.Where(name => !s_metrics.ContainsKey(name)))
            throw new UnknownNameException("Metric", unknown, s_metrics.Keys);
        ComparedRun[] all = [.. _base, .. _with];
        var names = all.SelectMany(run => run.Detectors).Distinct().ToArray();
        var common = names.Where(name => all.All(run => run.Detectors.Contains(name))).ToArray();
        if (common.Length == 0)
            throw new DataException($"no detector is common to all runs: {string.Join("; ", all.DistinctBy(run => string.Join(',', run.Detectors)).Take(3).Select(run => $"{run.Folder} has {(run.Detectors.Count > 0 ? string.Join(", ", run.Detectors) : "none")}"))}");

        var labels = new Dictionary<string, (string, long[])>(StringComparer.Ordinal);
        var rows = new List<ComparisonRow>();
        foreach (var detector in common)
        {
            foreach (var (group, sets) in new[] { ("near", all[0].Near), ("far", all[0].Far) })
            {
                cancellation.ThrowIfCancellationRequested();
                if (sets.Count > 0)
                    rows.AddRange(Compare(metrics, detector, group, [.. _base.Select(Load)], [.. _with.Select(Load)], bootstrap, cancellation));

                ScoredSets Load(ComparedRun run) => run.Load(detector, sets, labels);
            }
        }

        var adjusted = Holm.Adjust([.. rows.Select(row => row.P)]);
        return new ComparisonResults
        {
            Id = all[0].Id,
            Near = all[0].Near,
            Far = all[0].Far,
            Base = Folders(_base),
            With = Folders(_with),
            Replicates = bootstrap.Replicates,
            BootstrapSeed = bootstrap.Seed,
            LeftOut = [.. names.Except(common)],
            Rows = [.. rows.Zip(adjusted, (row, p) => row with { PHolm = p, Significant = p <= 1 - Level })],
        };
    }

    private static ComparedRun[] Open(IReadOnlyList<string> folders, bool isBase)
    {
        ComparedRun[] runs = [.. folders.SelectMany(folder => ComparedRun.Open(folder, isBase)).OrderBy(run => run.Seed)];
        if (runs.GroupBy(run => run.Seed).FirstOrDefault(group => group.Count() > 1)?.ToArray() is [var first, var second, ..])
            throw new DataException($"{first.Folder} and {second.Folder} are on the same side and have the same seed {first.Seed}; runs of one side differ in their seeds");
        return runs;
    }

    private static ComparedFolder[] Folders(ComparedRun[] runs) => [.. runs.Select(run => new ComparedFolder(run.Folder, run.Seed))];

    private IEnumerable<ComparisonRow> Compare(
        IReadOnlyList<string> metrics, string detector, string group, ScoredSets[] first, ScoredSets[] second, StratifiedBootstrap bootstrap, CancellationToken cancellation)
    {
        OodMetrics[] before = [.. first.Select(scores => scores.MeanMetrics())], after = [.. second.Select(scores => scores.MeanMetrics())];
        // The one resampling serves all metrics.
        var resampled = new Lazy<BootstrapResult>(() =>
        {
            var results = bootstrap.Compute([first[0], second[0]], cancellation);
            return results[1].Minus(results[0]);
        });
        foreach (var metric in metrics)
            yield return Row(metric, ResultMetric.Of(metric).HigherIsBetter, s_metrics[metric]);

        ComparisonRow Row(string metric, bool higherIsBetter, Func<OodMetrics, double> value)
        {
            double[] baseValues = [.. before.Select(value)], withValues = [.. after.Select(value)];
            var (difference, low, high, p, method) = baseValues.Length > 1
                ? OverSeeds(baseValues, withValues)
                : metric == "auroc" && first[0].Ood is [{ Length: > 1 } ood] && first[0].Id.Length > 1
                    ? OnImages(DeLong.Difference(first[0].Id, ood, second[0].Id, second[0].Ood[0], Level))
                    : OnImages(resampled.Value, value);
            return new ComparisonRow
            {
                Detector = detector,
                Group = group,
                Metric = metric,
                HigherIsBetter = higherIsBetter,
                BaseValues = baseValues,
                WithValues = withValues,
                Base = Estimate.Of(baseValues)!,
                With = Estimate.Of(withValues)!,
                Difference = difference,
                Low = low,
                High = high,
                P = p,
                Method = method,
            };
        }
    }

    private (double Difference, double Low, double High, double P, ComparisonMethod Method) OverSeeds(double[] before, double[] after)
    {
        if (_paired)
        {
            var paired = PairedDifference.Of([.. before.Select((value, i) => new SeedDifference(_base[i].Seed, after[i] - value))])!;
            var (mean, deviation, n) = (paired.Estimate.Mean, paired.Estimate.StandardDeviation!.Value, paired.Estimate.N);
            return (mean, paired.Low!.Value, paired.High!.Value, PValue(mean, deviation / Math.Sqrt(n), n - 1), ComparisonMethod.PairedT);
        }

        // Welch 1947 (Biometrika 34, 28-35); Satterthwaite's degrees of freedom are at least those of the smaller group.
        double a = Share(before), b = Share(after), error = Math.Sqrt(a + b);
        var degrees = error == 0
            ? before.Length + after.Length - 2
            : (a + b) * (a + b) / ((a * a / (before.Length - 1)) + (b * b / (after.Length - 1)));
        var whole = Math.Max(1, (int)Math.Floor(degrees + 1e-9));
        var difference = after.Average() - before.Average();
        var reach = StudentT.TwoSidedQuantile(Level, whole) * error;
        return (difference, difference - reach, difference + reach, PValue(difference, error, whole), ComparisonMethod.WelchT);

        static double Share(double[] values) => Math.Pow(Estimate.Of(values)!.StandardDeviation!.Value, 2) / values.Length;
    }

    private static double PValue(double difference, double error, int degrees) =>
        difference == 0 ? 1 : Math.Clamp(1 - StudentT.Within(Math.Abs(difference) / error, degrees), 0, 1);

    private static (double Difference, double Low, double High, double P, ComparisonMethod Method) OnImages(AurocDifference result) =>
        (result.Difference, result.Low, result.High, result.P, ComparisonMethod.DeLong);

    private static (double Difference, double Low, double High, double P, ComparisonMethod Method) OnImages(BootstrapResult result, Func<OodMetrics, double> metric)
    {
        var (low, high) = result.PercentileInterval(metric, Level);
        return (metric(result.Value), low, high, result.PValue(metric), ComparisonMethod.Bootstrap);
    }
}
