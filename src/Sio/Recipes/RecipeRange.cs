using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Sio.Recipes;

/// <summary>The values that a <see cref="RangeAttribute"/> allows, read once.</summary>
internal sealed class RecipeRange
{
    private readonly double low;
    private readonly double high;
    private readonly bool lowExcluded;
    private readonly bool highExcluded;

    public RecipeRange(RangeAttribute range)
    {
        low = Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture);
        high = Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture);
        lowExcluded = range.MinimumIsExclusive;
        highExcluded = range.MaximumIsExclusive;
    }

    /// <summary>NaN lies in no range.</summary>
    public bool Contains(double value) =>
        (lowExcluded ? value > low : value >= low) && (highExcluded ? value < high : value <= high);

    /// <summary><c>be at least 1</c>, <c>lie in [0, 1)</c>: a type's own end is no end worth naming.</summary>
    public override string ToString()
    {
        var bounded = high is not (int.MaxValue or >= long.MaxValue or >= float.MaxValue);
        if (!bounded)
            return $"be {(lowExcluded ? "above" : "at least")} {Number(low)}";

        return $"lie in {(lowExcluded ? '(' : '[')}{Number(low)}, {Number(high)}{(highExcluded ? ')' : ']')}";
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
