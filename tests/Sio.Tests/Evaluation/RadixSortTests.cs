using Sio.Evaluation;

namespace Sio.Tests.Evaluation;

public sealed class RadixSortTests
{
    /// <summary>Shapes of keys that take different roads: random, tied, one digit only, shared high bits, outliers.</summary>
    public static TheoryData<string, int> Shapes
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var shape in new[] { "random", "constant", "few", "low bits", "high bits", "outlier", "sorted", "falling" })
            {
                foreach (var count in new[] { 0, 1, 2, 1023, 1024, 5000 })
                    data.Add(shape, count);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Sorts_64_bit_keys(string shape, int count)
    {
        var keys = Keys(shape, count);
        var expected = keys.Order().ToArray();

        RadixSort.Sort(keys.AsSpan(), new ulong[count]);

        Assert.Equal(expected, keys);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Sorts_32_bit_keys(string shape, int count)
    {
        var keys = Keys(shape, count).Select(k => (uint)(k >> 32) ^ (uint)k).ToArray();
        var expected = keys.Order().ToArray();

        RadixSort.Sort(keys.AsSpan(), new uint[count]);

        Assert.Equal(expected, keys);
    }

    private static ulong[] Keys(string shape, int count)
    {
        var random = new Random(7);
        ulong Next() => (ulong)random.NextInt64(long.MinValue, long.MaxValue);
        return [.. Enumerable.Range(0, count).Select(i => shape switch
        {
            "constant" => 0x8000_0000_1234_5678UL,
            "few" => (ulong)random.Next(4) << 62,
            "low bits" => Next() & 0x1F_FFFF,
            "high bits" => Next() & 0xFFFF_FFFF_0000_0000UL,
            "outlier" => i == 0 ? ulong.MaxValue : Next() & 0xFFFF_FFFF_FFFFUL,
            "sorted" => (ulong)i << 20,
            "falling" => (ulong)(count - i) << 7,
            _ => Next(),
        })];
    }
}
