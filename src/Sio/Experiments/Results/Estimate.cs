using Sio.Evaluation;

namespace Sio.Experiments.Results;

/// <summary>A mean over runs and its spread.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="StandardDeviation">Sample standard deviation (n - 1 in the denominator); null for a single run, which has none.</param>
/// <param name="N">Number of runs, at least 1.</param>
public sealed record Estimate(double Mean, double? StandardDeviation, int N)
{
    /// <summary>Mean and sample standard deviation of some values.</summary>
    /// <param name="values">One per run.</param>
    /// <returns>The estimate, or null where there is no value.</returns>
    public static Estimate? Of(IReadOnlyCollection<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0)
            return null;

        var mean = values.Average();
        double? deviation = values.Count > 1
            ? Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1))
            : null;
        return new Estimate(mean, deviation, values.Count);
    }
}

/// <summary>The difference of one seed's two runs.</summary>
/// <param name="Seed">The seed that both runs share.</param>
/// <param name="Difference">Arm minus baseline.</param>
public readonly record struct SeedDifference(long Seed, double Difference);

/// <summary>An arm minus the baseline, seed by seed: what the runs share, a seed's luck with it, cancels.</summary>
/// <param name="Estimate">Mean and spread of the differences.</param>
/// <param name="Low">Lower end of the mean's 95 % interval; null for a single pair.</param>
/// <param name="High">Upper end; null for a single pair.</param>
/// <param name="Seeds">The differences, in the arm's order of seeds.</param>
public sealed record PairedDifference(Estimate Estimate, double? Low, double? High, IReadOnlyList<SeedDifference> Seeds)
{
    /// <summary>
    /// Mean of the differences with its t-interval, mean ± t(0.95; n − 1) · s / √n (Student 1908).
    /// </summary>
    /// <param name="seeds">One difference per seed that both arms have.</param>
    /// <returns>The paired difference, or null where no seed is shared.</returns>
    public static PairedDifference? Of(IReadOnlyList<SeedDifference> seeds)
    {
        ArgumentNullException.ThrowIfNull(seeds);
        if (Estimate.Of([.. seeds.Select(s => s.Difference)]) is not { } estimate)
            return null;

        var reach = estimate.StandardDeviation is { } deviation
            ? StudentT.TwoSidedQuantile(0.95, estimate.N - 1) * deviation / Math.Sqrt(estimate.N)
            : (double?)null;
        return new PairedDifference(estimate, estimate.Mean - reach, estimate.Mean + reach, seeds);
    }
}
