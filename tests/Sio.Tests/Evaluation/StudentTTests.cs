using Sio.Evaluation;

namespace Sio.Tests.Evaluation;

public sealed class StudentTTests
{
    // Printed tables of the t distribution, two-sided.
    [Theory]
    [InlineData(0.95, 1, 12.706)]
    [InlineData(0.95, 2, 4.303)]
    [InlineData(0.95, 3, 3.182)]
    [InlineData(0.95, 4, 2.776)]
    [InlineData(0.95, 9, 2.262)]
    [InlineData(0.95, 30, 2.042)]
    [InlineData(0.95, 120, 1.980)]
    [InlineData(0.99, 5, 4.032)]
    [InlineData(0.99, 1, 63.657)]
    [InlineData(0.5, 7, 0.711)]
    public void Quantiles_are_those_of_the_tables(double level, int degrees, double expected) =>
        Assert.Equal(expected, StudentT.TwoSidedQuantile(level, degrees), 5e-4);

    [Fact]
    public void Few_degrees_have_closed_forms()
    {
        Assert.Equal(Math.Tan(0.95 * Math.PI / 2), StudentT.TwoSidedQuantile(0.95, 1), 1e-9);
        Assert.Equal(0.95 * Math.Sqrt(2 / (1 - (0.95 * 0.95))), StudentT.TwoSidedQuantile(0.95, 2), 1e-12);
        Assert.Equal(1, StudentT.Within(double.PositiveInfinity, 5), 1e-15);
        Assert.Equal(0, StudentT.Within(0, 4));
    }

    [Fact]
    public void Bad_arguments_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => StudentT.Within(-1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => StudentT.Within(double.NaN, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => StudentT.Within(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => StudentT.TwoSidedQuantile(1, 3));
    }
}
