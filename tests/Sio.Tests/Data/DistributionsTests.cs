using Sio.Data;

namespace Sio.Tests.Data;

public sealed class DistributionsTests
{
    private const int Draws = 40_000;

    [Theory]
    [InlineData(0.1, 0.1)]
    [InlineData(0.1, 1)]
    [InlineData(0.2, 0.2)]
    [InlineData(1, 1)]
    [InlineData(3, 1)]
    [InlineData(20, 20)]
    public void Beta_has_its_mean_and_variance(double a, double b)
    {
        var random = RandomStream.For(1, "beta");
        var values = Enumerable.Range(0, Draws).Select(_ => random.Beta(a, b)).ToArray();
        Assert.All(values, value => Assert.InRange(value, 0, 1));
        double mean = a / (a + b), variance = a * b / ((a + b) * (a + b) * (a + b + 1));

        // Five standard errors; the fourth moment is at most the variance, as all values lie in 0..1.
        Assert.Equal(mean, values.Average(), 5 * Math.Sqrt(variance / Draws));
        Assert.Equal(variance, values.Average(value => (value - mean) * (value - mean)), 5 * Math.Sqrt(variance / Draws));
    }

    [Fact]
    public void Beta_of_1_and_n_is_distributed_as_known()
    {
        // P(X > x) = (1 − x)^3 for Beta(1, 3), P(X < x) = x^3 for Beta(3, 1): Kolmogorov's distance stays below 1.95/√n but for one seed in a thousand.
        var random = RandomStream.For(2, "beta");
        foreach (var first in new[] { false, true })
        {
            var values = Enumerable.Range(0, Draws).Select(_ => first ? random.Beta(3, 1) : random.Beta(1, 3)).Order().ToArray();
            var distance = values.Select((value, i) => Math.Abs(((i + 0.5) / Draws) - (first ? Math.Pow(value, 3) : 1 - Math.Pow(1 - value, 3)))).Max();
            Assert.InRange(distance, 0, 1.95 / Math.Sqrt(Draws));
        }
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(1)]
    [InlineData(7)]
    public void Dirichlet_shares_sum_to_1_and_have_their_variance(double alpha)
    {
        const int parts = 3;
        var random = RandomStream.For(3, "dirichlet");
        var shares = new double[parts];
        double sum = 0, square = 0;
        for (var i = 0; i < Draws; i++)
        {
            random.Dirichlet(alpha, shares);
            Assert.Equal(1, shares.Sum(), 1e-12);
            Assert.All(shares, share => Assert.InRange(share, 0, 1));
            sum += shares[1];
            square += (shares[1] - (1.0 / parts)) * (shares[1] - (1.0 / parts));
        }

        var variance = (parts - 1.0) / (parts * parts * ((parts * alpha) + 1));
        Assert.Equal(1.0 / parts, sum / Draws, 5 * Math.Sqrt(variance / Draws));
        Assert.Equal(variance, square / Draws, 5 * Math.Sqrt(variance / Draws));
    }

    [Fact]
    public void Parameters_are_above_0() => Assert.Throws<ArgumentOutOfRangeException>(() => RandomStream.For(1, "beta").Beta(0, 1));

    [Fact]
    public void The_exponential_is_exact_to_the_last_bits_and_ends_well()
    {
        foreach (var x in new[] { 0, 1, -1, 0.3, -49.9, 49.9, 1e-9, -0.34657, 12.5 })
            Assert.InRange(StableMath.Exp(x) / Math.Exp(x), 1 - 1e-15, 1 + 1e-15);
        Assert.InRange(StableMath.Exp(-700) / Math.Exp(-700), 1 - 1e-12, 1 + 1e-12);
        Assert.Equal(double.PositiveInfinity, StableMath.Exp(800));
        Assert.Equal(double.PositiveInfinity, StableMath.Exp(double.PositiveInfinity));
        Assert.Equal(0, StableMath.Exp(-800));
        Assert.Equal(0, StableMath.Exp(double.NegativeInfinity));
    }
}
