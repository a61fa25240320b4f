namespace Sio.Evaluation;

/// <summary>
/// A sum of doubles that carries its own rounding error along (Knuth's two-sum), so that ten million small trapezoids add
/// up to the last digits whatever their order.
/// </summary>
internal struct CompensatedSum
{
    private double sum;
    private double lost;

    /// <summary>The sum so far, correctly rounded but for the rounding of the lost parts themselves.</summary>
    public readonly double Value => sum + lost;

    /// <summary>Adds one term. Branch-free: only the first addition lies on the critical path of a loop.</summary>
    public void Add(double term)
    {
        var next = sum + term;
        var taken = next - sum;
        lost += (sum - (next - taken)) + (term - taken);
        sum = next;
    }
}
