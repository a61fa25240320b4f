using Sio.Evaluation;

namespace Sio.Tests.Evaluation;

public sealed class NormalDistributionTests
{
    // SciPy 1.10.1: scipy.special.erfc(z / sqrt(2)), on both sides of the place where the series gives way to the fraction.
    [Theory]
    [InlineData(0.001, 0.9992021155721779)]
    [InlineData(0.5, 0.6170750774519739)]
    [InlineData(1.0, 0.31731050786291415)]
    [InlineData(1.96, 0.04999579029644087)]
    [InlineData(2.8, 0.005110260660855875)]
    [InlineData(2.83, 0.0046548004134631124)]
    [InlineData(3.0, 0.0026997960632601918)]
    [InlineData(5.0, 5.73303143758389e-07)]
    [InlineData(8.0, 1.2441921148543658e-15)]
    [InlineData(20.0, 5.5072482372126244e-89)]
    [InlineData(37.0, 1.1451142445050454e-299)]
    public void Tails_are_those_of_SciPy(double z, double expected)
    {
        Assert.Equal(1, NormalDistribution.TwoSidedTail(z) / expected, 1e-12);
        Assert.Equal(NormalDistribution.TwoSidedTail(z), NormalDistribution.TwoSidedTail(-z));
    }

    [Fact]
    public void The_ends_are_exact()
    {
        Assert.Equal(1, NormalDistribution.TwoSidedTail(0));
        Assert.Equal(0, NormalDistribution.TwoSidedTail(double.PositiveInfinity));
        Assert.Equal(0, NormalDistribution.TwoSidedTail(1e200));
    }

    [Theory]
    [InlineData(0.95, 1.959963984540054)]
    [InlineData(0.99, 2.5758293035489004)]
    [InlineData(0.5, 0.6744897501960817)]
    public void Quantiles_are_those_of_the_tables(double level, double expected) =>
        Assert.Equal(expected, NormalDistribution.TwoSidedQuantile(level), 1e-11);

    [Fact]
    public void Bad_arguments_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => NormalDistribution.TwoSidedTail(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => NormalDistribution.TwoSidedQuantile(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => NormalDistribution.TwoSidedQuantile(double.NaN));
    }
}
