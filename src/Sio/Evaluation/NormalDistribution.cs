namespace Sio.Evaluation;

/// <summary>
/// Tails and quantiles of the standard normal distribution. The error function's series near zero and its complement's continued
/// fraction further out: Abramowitz &amp; Stegun 1964, equations 7.1.6 and 7.1.14.
/// </summary>
public static class NormalDistribution
{
    // Up to here 1 - erf loses two digits at most; from here on a hundred terms of the fraction are more than enough.
    private const double FromHereFraction = 2;
    private const int FractionTerms = 120;

    /// <summary>P(|Z| &gt; |z|): the two-sided p-value of a z statistic.</summary>
    /// <param name="z">Any number; infinity gives 0.</param>
    /// <returns>0 to 1, to some 13 significant digits however small.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="z"/> is NaN.</exception>
    public static double TwoSidedTail(double z)
    {
        if (double.IsNaN(z))
            throw new ArgumentOutOfRangeException(nameof(z), z, "z must be a number.");

        var x = Math.Abs(z) / Math.Sqrt(2);
        return x < FromHereFraction ? 1 - Series(x) : Fraction(x);
    }

    /// <summary>The z with P(|Z| &lt;= z) = <paramref name="level"/>: 1.95996 for 0.95.</summary>
    /// <param name="level">In (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="level"/> is out of range, or NaN.</exception>
    public static double TwoSidedQuantile(double level)
    {
        if (!(level > 0 && level < 1))
            throw new ArgumentOutOfRangeException(nameof(level), level, "A level must lie in (0, 1).");

        // Beyond 40 the tail is no double any more. Bisection down to neighbouring doubles cannot fail to converge.
        double low = 0, high = 40;
        while (true)
        {
            var middle = low + ((high - low) / 2);
            if (middle <= low || middle >= high)
                return high;
            if (TwoSidedTail(middle) > 1 - level)
                low = middle;
            else
                high = middle;
        }
    }

    private static double Series(double x)
    {
        double term = x, sum = x;
        for (var k = 1; term > sum * 1e-17; k++)
        {
            term *= 2 * x * x / ((2 * k) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    private static double Fraction(double x)
    {
        if (double.IsInfinity(x))
            return 0;

        var tail = x;
        for (var k = FractionTerms; k >= 1; k--)
            tail = x + (k / 2.0 / tail);
        return Math.Exp(-x * x) / (Math.Sqrt(Math.PI) * tail);
    }
}
