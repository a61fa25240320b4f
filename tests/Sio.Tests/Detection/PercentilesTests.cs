using Sio.Data;
using Sio.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class PercentilesTests
{
    private static readonly double[] s_percents = [0, 0.1, 10, 33.3, 50, 85, 90, 99.9, 100];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(11)]
    [InlineData(100_003)]
    public void Are_those_of_sorted_values(int count)
    {
        using var scope = NewDisposeScope();
        var random = RandomStream.For(2, "percentiles");

        // Both signs, very unequal sizes, ties and zeros of both signs.
        float[] values = [.. Enumerable.Range(0, count).Select(i => (i % 7) switch
        {
            0 => 0f,
            1 => -0f,
            2 => 0.5f,
            3 => (float)Math.Exp(20 * random.NextGaussian()),
            4 => -(float)Math.Exp(20 * random.NextGaussian()),
            _ => (float)random.NextGaussian(),
        })];
        var actual = Percentiles.Of(torch.tensor(values), s_percents);
        Array.Sort(values);
        for (var i = 0; i < actual.Length; i++)
        {
            var position = (count - 1) * (s_percents[i] / 100);
            var (low, high) = ((double)values[(int)Math.Floor(position)], (double)values[(int)Math.Ceiling(position)]);
            Assert.Equal(low + ((high - low) * (position - Math.Floor(position))), actual[i]);
        }
    }

    [Fact]
    public void Of_a_part_of_a_tensor_are_its_own()
    {
        using var scope = NewDisposeScope();
        var part = torch.tensor(new float[] { 1f, 100, 2, 200, 3, 300 }, [3, 2]).narrow(1, 0, 1);
        Assert.Equal([2.0], Percentiles.Of(part, 50));
    }

    [Fact]
    public void Of_nothing_and_beyond_100_are_refused()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentException>(() => Percentiles.Of(torch.zeros([0]), 50));
        Assert.Throws<ArgumentException>(() => Percentiles.Of(torch.zeros([2]), 101));
        Assert.Throws<ArgumentException>(() => Percentiles.Of(torch.zeros([2]), double.NaN));
    }

    [Theory]
    [InlineData(64, 90, 6)]
    [InlineData(64, 85, 10)]
    [InlineData(10, 85, 2)]
    [InlineData(10, 75, 2)]
    [InlineData(10, 65, 4)]
    [InlineData(10, 0, 10)]
    public void Kept_features_are_counted_with_half_to_even(long features, double percentile, long kept) =>
        Assert.Equal(kept, ActivationShaping.Kept("ash", features, percentile));

    // Two rows fill a block of this width: blocks of 2, 2 and 1.
    [Fact]
    public void Blocks_cover_every_row()
    {
        const int size = 1 << 21;
        using var scope = NewDisposeScope();
        var features = torch.arange(1, 6, 1, dtype: ScalarType.Float32).unsqueeze(1).expand(5, size).clone();
        using var bank = new FeatureBank("bank", features, torch.zeros([5, 2]), new int[5]);
        Assert.Equal([1f, 2f, 3f, 4f, 5f], FeatureBlocks.Score(bank, (rows, _) => rows.amax([1])));
        Assert.Equal(3.0, FeatureBlocks.Mean(bank).amin([0]).ToDouble());
    }
}
