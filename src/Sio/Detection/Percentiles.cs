using System.Runtime.InteropServices;
using Sio.Engine;
using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>
/// Exact percentiles of all elements of a tensor, with linear interpolation between order statistics, as <c>numpy.percentile</c> defines them.
/// </summary>
/// <remarks>
/// Nothing is sorted, sampled or copied: a float's bits, turned so that they order as the numbers do, are counted by their upper half in a first pass, which
/// tells in which of 65,536 buckets an order statistic lies, and by their lower half within these buckets in a second. Time is linear and memory
/// constant, so that billions of features, also memory-mapped ones, have their percentile in two readings.
/// </remarks>
internal static class Percentiles
{
    private const int Buckets = 1 << 16;

    /// <summary>The percentiles.</summary>
    /// <param name="values">float32 on the CPU, of any shape, without NaN.</param>
    /// <param name="percents">From 0 to 100 each.</param>
    /// <exception cref="ArgumentException">There are no values, or a percentage is out of range.</exception>
    internal static double[] Of(Tensor values, params double[] percents)
    {
        if (values.numel() == 0 || values.dtype != ScalarType.Float32)
            throw new ArgumentException($"no percentile of {values}", nameof(values));
        if (!percents.All(percent => percent is >= 0 and <= 100))
            throw new ArgumentException($"percentiles {string.Join(", ", percents)} do not lie in [0, 100]", nameof(percents));
        using var scope = NewDisposeScope();
        var memory = values.contiguous();
        var last = memory.numel() - 1;
        var positions = Array.ConvertAll(percents, percent => last * (percent / 100));
        var ranks = positions.SelectMany(position => new[] { (long)Math.Floor(position), (long)Math.Ceiling(position) }).Distinct();
        var found = OrderStatistics(memory, [.. ranks]);
        return Array.ConvertAll(positions, position =>
        {
            var (low, high) = (found[(long)Math.Floor(position)], found[(long)Math.Ceiling(position)]);
            return low + ((high - low) * (position - Math.Floor(position)));
        });
    }

    private static Dictionary<long, double> OrderStatistics(Tensor values, long[] ranks)
    {
        var upper = new long[Buckets];
        ForEachKey(values, keys =>
        {
            foreach (var bits in keys)
                upper[Key(bits) >> 16]++;
        });

        // Only buckets that a rank falls into are looked at more closely.
        var places = Array.ConvertAll(ranks, rank => Locate(upper, rank));
        var lower = new long[]?[Buckets];
        foreach (var (bucket, _) in places)
            lower[bucket] ??= new long[Buckets];
        ForEachKey(values, keys =>
        {
            foreach (var bits in keys)
            {
                var key = Key(bits);
                if (lower[key >> 16] is { } counts)
                    counts[key & 0xFFFF]++;
            }
        });

        var found = new Dictionary<long, double>();
        for (var i = 0; i < ranks.Length; i++)
        {
            var (bucket, within) = places[i];
            var key = ((uint)bucket << 16) | (uint)Locate(lower[bucket]!, within).Bucket;
            found[ranks[i]] = BitConverter.UInt32BitsToSingle((key & 0x8000_0000) != 0 ? key ^ 0x8000_0000 : ~key);
        }

        return found;
    }

    private static (int Bucket, long Within) Locate(long[] counts, long rank)
    {
        var bucket = 0;
        while (rank >= counts[bucket])
            rank -= counts[bucket++];
        return (bucket, rank);
    }

    private static void ForEachKey(Tensor values, KeysAction action) => values.ForEachBytes(bytes => action(MemoryMarshal.Cast<byte, uint>(bytes)));

    // Negative numbers have the sign bit set and order backwards; the others come after them.
    private static uint Key(uint bits) => (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;

    private delegate void KeysAction(ReadOnlySpan<uint> keys);
}
