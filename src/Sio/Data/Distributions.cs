namespace Sio.Data;

/// <summary>Random numbers from the distributions that shares of mixed images are drawn from.</summary>
internal static class Distributions
{
    /// <summary>
    /// A number from Beta(a, b): X/(X + Y) with X and Y from Gamma(a) and Gamma(b). It is computed from their logarithms, so that small a and b, whose gamma variates vanish, give no 0/0.
    /// </summary>
    /// <param name="random">Draws.</param>
    /// <param name="a">&gt; 0.</param>
    /// <param name="b">&gt; 0.</param>
    /// <returns>0 to 1, both possible by rounding.</returns>
    public static double Beta(this RandomStream random, double a, double b)
    {
        var x = random.LogGamma(a);
        return 1 / (1 + StableMath.Exp(random.LogGamma(b) - x));
    }

    /// <summary>Shares from the symmetric Dirichlet distribution: as many as there is room for, which sum to 1.</summary>
    /// <param name="random">Draws.</param>
    /// <param name="alpha">Its only parameter, &gt; 0.</param>
    /// <param name="shares">Where they go.</param>
    public static void Dirichlet(this RandomStream random, double alpha, Span<double> shares)
    {
        var largest = double.NegativeInfinity;
        foreach (ref var share in shares)
            largest = Math.Max(largest, share = random.LogGamma(alpha));
        var sum = 0.0;
        foreach (ref var share in shares)
            sum += share = StableMath.Exp(share - largest);
        foreach (ref var share in shares)
            share /= sum;
    }

    /// <summary>
    /// Logarithm of a number from Gamma(shape, 1) (Marsaglia and Tsang 2000, "A simple method for generating gamma variables"; for a shape below 1 their remark: the variate of shape + 1
    /// times U^(1/shape)).
    /// </summary>
    private static double LogGamma(this RandomStream random, double shape)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shape);
        if (shape < 1)
            return random.LogGamma(shape + 1) + (StableMath.Log(1 - random.NextDouble()) / shape);
        var d = shape - (1.0 / 3);
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = random.NextGaussian();
            var v = 1 + (c * x);
            if (v <= 0)
                continue;
            v = v * v * v;
            var log = StableMath.Log(v);

            // 1 − U is never 0, which has no logarithm.
            if (StableMath.Log(1 - random.NextDouble()) < (0.5 * x * x) + (d * (1 - v + log)))
                return StableMath.Log(d) + log;
        }
    }
}
