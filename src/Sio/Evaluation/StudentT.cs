namespace Sio.Evaluation;

/// <summary>
/// Student's t distribution for whole degrees of freedom, where it has a closed form: Abramowitz &amp; Stegun 1964,
/// equations 26.7.3 and 26.7.4.
/// </summary>
public static class StudentT
{
    /// <summary>P(|T| &lt;= t).</summary>
    /// <param name="t">At least 0; infinity gives 1.</param>
    /// <param name="degreesOfFreedom">At least 1. The sum has half as many terms.</param>
    /// <returns>0 to 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range, or NaN.</exception>
    public static double Within(double t, int degreesOfFreedom)
    {
        if (!(t >= 0))
            throw new ArgumentOutOfRangeException(nameof(t), t, "t must be at least 0.");
        ArgumentOutOfRangeException.ThrowIfLessThan(degreesOfFreedom, 1);

        var angle = Math.Atan(t / Math.Sqrt(degreesOfFreedom));
        double sine = Math.Sin(angle), cosine = Math.Cos(angle), squared = cosine * cosine;

        // Both series run over every second power k of the cosine; each term is (k - 1) / k times the one before.
        var odd = degreesOfFreedom % 2 == 1;
        var term = odd ? cosine : 1.0;
        var sum = degreesOfFreedom > 1 ? term : 0.0;
        for (var k = odd ? 3 : 2; k <= degreesOfFreedom - 2; k += 2)
        {
            term *= squared * (k - 1) / k;
            sum += term;
        }

        return odd ? 2 / Math.PI * (angle + (sine * sum)) : sine * sum;
    }

    /// <summary>The t with P(|T| &lt;= t) = <paramref name="level"/>: 12.706 for 0.95 and one degree of freedom.</summary>
    /// <param name="level">In (0, 1).</param>
    /// <param name="degreesOfFreedom">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range, or NaN.</exception>
    public static double TwoSidedQuantile(double level, int degreesOfFreedom)
    {
        if (!(level > 0 && level < 1))
            throw new ArgumentOutOfRangeException(nameof(level), level, "A level must lie in (0, 1).");

        double low = 0, high = 1;
        while (Within(high, degreesOfFreedom) < level)
            high *= 2;

        // Bisection down to neighbouring doubles: some 55 steps, and nothing that could fail to converge.
        while (true)
        {
            var middle = low + ((high - low) / 2);
            if (middle <= low || middle >= high)
                return high;
            if (Within(middle, degreesOfFreedom) < level)
                low = middle;
            else
                high = middle;
        }
    }
}
