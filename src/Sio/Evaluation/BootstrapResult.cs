namespace Sio.Evaluation;

/// <summary>Metrics, or differences of metrics, with their bootstrap replicates.</summary>
/// <param name="Value">What the images themselves give.</param>
/// <param name="Replicates">What each resample gives; replicate k of two results with the same seed has drawn the same images.</param>
public sealed record BootstrapResult(OodMetrics Value, IReadOnlyList<OodMetrics> Replicates)
{
    /// <summary>This minus another, replicate by replicate: the paired difference, where both come from one call or one seed.</summary>
    /// <param name="other">As many replicates of the same images.</param>
    /// <exception cref="ArgumentException">The numbers of replicates differ.</exception>
    public BootstrapResult Minus(BootstrapResult other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Replicates.Count != Replicates.Count)
            throw new ArgumentException($"{Replicates.Count} and {other.Replicates.Count} replicates cannot be paired.", nameof(other));
        return new BootstrapResult(Subtract(Value, other.Value), [.. Replicates.Zip(other.Replicates, Subtract)]);

        static OodMetrics Subtract(OodMetrics a, OodMetrics b) => ScoredSets.Combine(a, b, (x, y) => x - y);
    }

    /// <summary>Standard deviation of the replicates (n - 1 in the denominator): the bootstrap's standard error.</summary>
    /// <param name="metric">Which metric.</param>
    public double StandardError(Func<OodMetrics, double> metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        var mean = Replicates.Average(metric);
        return Math.Sqrt(Replicates.Sum(r => (metric(r) - mean) * (metric(r) - mean)) / (Replicates.Count - 1));
    }

    /// <summary>
    /// The percentile interval (Efron 1979; Efron &amp; Tibshirani 1993, chapter 13): with α = 1 - level, the replicates of rank
    /// (B + 1) · α / 2 and (B + 1) · (1 - α / 2), interpolated between neighbours. No BCa correction: its acceleration needs a jackknife,
    /// which FPR@95, a quantile, does not have.
    /// </summary>
    /// <param name="metric">Which metric.</param>
    /// <param name="level">Confidence level, in (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">The level is out of range.</exception>
    public (double Low, double High) PercentileInterval(Func<OodMetrics, double> metric, double level = 0.95)
    {
        ArgumentNullException.ThrowIfNull(metric);
        if (!(level > 0 && level < 1))
            throw new ArgumentOutOfRangeException(nameof(level), level, "A level must lie in (0, 1).");

        double[] sorted = [.. Replicates.Select(metric).Order()];
        return (At((1 - level) / 2), At((1 + level) / 2));

        double At(double share)
        {
            var rank = Math.Clamp(((sorted.Length + 1) * share) - 1, 0, sorted.Length - 1);
            var below = (int)rank;
            var above = Math.Min(below + 1, sorted.Length - 1);
            return sorted[below] + ((rank - below) * (sorted[above] - sorted[below]));
        }
    }

    /// <summary>
    /// Two-sided p-value of "the value is 0", from z = value / standard error. Unlike a count of replicates it is not bounded below by
    /// 2 / (B + 1), under which no comparison among many could survive a correction. For a difference.
    /// </summary>
    /// <param name="metric">Which metric.</param>
    /// <returns>0 to 1; 1 where the value is 0.</returns>
    public double PValue(Func<OodMetrics, double> metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        var value = metric(Value);
        return value == 0 ? 1 : NormalDistribution.TwoSidedTail(value / StandardError(metric));
    }
}
