using Sio.Evaluation;

namespace Sio.Tests.Evaluation;

public sealed class MannWhitneyTests
{
    // The race of one fast hare, five slow ones and six tortoises that textbooks tell: T H H H H H T T T T T H.
    [Fact]
    public void The_tortoises_and_hares_of_textbooks()
    {
        double[] hares = [2, 3, 4, 5, 6, 12], tortoises = [1, 7, 8, 9, 10, 11];
        var test = MannWhitney.Compute(hares, tortoises);
        Assert.Equal(11, test.U);
        Assert.Equal((11 - 18) / Math.Sqrt(39), test.Z, 12);
        Assert.Equal(25, MannWhitney.Compute(tortoises, hares).U);
    }

    // Pairs: 1 below both, each 2 equal to 2 and below 3: U = 1. Variance 6/12·(6 − (3³ − 3)/(5·4)) = 2.4.
    [Fact]
    public void Ties_count_half_and_lessen_the_variance()
    {
        var test = MannWhitney.Compute([1, 2, 2], [2, 3]);
        Assert.Equal(1, test.U);
        Assert.Equal(-2 / Math.Sqrt(2.4), test.Z, 12);
    }

    [Fact]
    public void Equal_values_say_nothing() => Assert.Equal(new MannWhitney(3, 0), MannWhitney.Compute([7, 7], [7, 7, 7]));

    [Fact]
    public void Samples_without_values_or_with_NaN_are_refused()
    {
        Assert.Throws<ArgumentException>(() => MannWhitney.Compute([], [1]));
        Assert.Throws<ArgumentException>(() => MannWhitney.Compute([1], [double.NaN]));
    }
}
