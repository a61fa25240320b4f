namespace Sio.Evaluation;

/// <summary>
/// Holm's correction for several tests at once: it bounds the probability that any true null hypothesis of the family is rejected,
/// whatever the tests' dependence. Holm 1979 (Scandinavian Journal of Statistics 6, 65-70).
/// </summary>
public static class Holm
{
    /// <summary>Adjusted p-values: with the p-values in ascending order, p'_k = max over j &lt;= k of min(1, (m - j + 1) · p_j).</summary>
    /// <param name="pValues">One per test, each 0 to 1.</param>
    /// <returns>In the order of the input; what lies at or below α is significant at family-wise level α.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A p-value lies outside [0, 1], or is NaN.</exception>
    public static double[] Adjust(params ReadOnlySpan<double> pValues)
    {
        foreach (var p in pValues)
        {
            if (!(p >= 0 && p <= 1))
                throw new ArgumentOutOfRangeException(nameof(pValues), p, "A p-value must lie in [0, 1].");
        }

        var sorted = pValues.ToArray();
        var order = Enumerable.Range(0, sorted.Length).ToArray();
        Array.Sort(sorted, order);
        var adjusted = new double[sorted.Length];
        var largest = 0.0;
        for (var k = 0; k < sorted.Length; k++)
        {
            largest = Math.Max(largest, Math.Min(1, (sorted.Length - k) * sorted[k]));
            adjusted[order[k]] = largest;
        }

        return adjusted;
    }
}
