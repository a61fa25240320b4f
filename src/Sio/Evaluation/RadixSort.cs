using System.Numerics;
using System.Runtime.CompilerServices;

namespace Sio.Evaluation;

/// <summary>
/// Ascending sort of unsigned keys in linear time, for 32 and 64 bits alike.
/// </summary>
/// <remarks>
/// Three least-significant-digit passes of 11 bits sort a window of 33 bits that starts at the highest bit in which any two
/// keys differ. That is all of a 32-bit key. Of a 64-bit key it leaves short runs of keys that agree in the window; those
/// are finished by insertion, longer runs by the same method on the bits below. Six full passes over 64-bit keys would
/// cost twice as much, and most of their work would be to order digits that no comparison needs.
/// </remarks>
internal static class RadixSort
{
    private const int DigitBits = 11;
    private const int Buckets = 1 << DigitBits;
    private const int Passes = 3;

    // Below this size clearing three histograms costs more than a comparison sort.
    private const int SmallestForRadix = 1024;

    // Runs up to this length are put in order by insertion.
    private const int LongestForInsertion = 24;

    /// <summary>Sorts <paramref name="keys"/> in place.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="scratch">Room for as many keys; its contents are lost.</param>
    public static void Sort<TKey>(Span<TKey> keys, Span<TKey> scratch)
        where TKey : unmanaged, IBinaryInteger<TKey>
    {
        if (keys.Length < SmallestForRadix)
        {
            keys.Sort();
            return;
        }

        var differing = DifferingBits(keys);
        if (differing == TKey.Zero)
            return;

        var width = int.CreateTruncating(TKey.PopCount(TKey.AllBitsSet));
        var top = width - int.CreateTruncating(TKey.LeadingZeroCount(differing));
        var shift = Math.Max(0, top - (Passes * DigitBits));
        SortWindow(keys, scratch[..keys.Length], shift);

        var below = (TKey.One << shift) - TKey.One;
        if ((differing & below) != TKey.Zero)
            FinishRuns(keys, scratch, shift);
    }

    /// <summary>The bits in which at least two keys differ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static TKey DifferingBits<TKey>(ReadOnlySpan<TKey> keys)
        where TKey : unmanaged, IBinaryInteger<TKey>
    {
        TKey all = TKey.AllBitsSet, any = TKey.Zero;
        foreach (var key in keys)
        {
            all &= key;
            any |= key;
        }

        return all ^ any;
    }

    /// <summary>Sorts by the 33 bits from <paramref name="shift"/> upwards; higher bits are the same in all keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void SortWindow<TKey>(Span<TKey> keys, Span<TKey> scratch, int shift)
        where TKey : unmanaged, IBinaryInteger<TKey>
    {
        // One walk counts the digits of all passes.
        var counts = stackalloc int[Passes * Buckets];
        new Span<int>(counts, Passes * Buckets).Clear();
        foreach (var key in keys)
        {
            var window = ulong.CreateTruncating(key >> shift);
            counts[Digit(window, 0)]++;
            counts[Buckets + Digit(window, 1)]++;
            counts[(2 * Buckets) + Digit(window, 2)]++;
        }

        var length = keys.Length;
        fixed (TKey* first = keys, second = scratch)
        {
            TKey* from = first, to = second;
            for (var pass = 0; pass < Passes; pass++)
            {
                var count = counts + (pass * Buckets);
                if (count[Digit(ulong.CreateTruncating(from[0] >> shift), pass)] == length)
                    continue; // this digit is the same everywhere

                var start = 0;
                for (var bucket = 0; bucket < Buckets; bucket++)
                {
                    var size = count[bucket];
                    count[bucket] = start;
                    start += size;
                }

                for (var i = 0; i < length; i++)
                {
                    var key = from[i];
                    to[count[Digit(ulong.CreateTruncating(key >> shift), pass)]++] = key;
                }

                var filled = to;
                to = from;
                from = filled;
            }

            if (from != first)
                scratch.CopyTo(keys);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Digit(ulong window, int pass) => (int)(window >> (pass * DigitBits)) & (Buckets - 1);

    /// <summary>Orders keys that agree from bit <paramref name="shift"/> upwards by the bits below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FinishRuns<TKey>(Span<TKey> keys, Span<TKey> scratch, int shift)
        where TKey : unmanaged, IBinaryInteger<TKey>
    {
        var start = 0;
        while (start < keys.Length)
        {
            var prefix = keys[start] >> shift;
            var end = start + 1;
            while (end < keys.Length && keys[end] >> shift == prefix)
                end++;

            var run = keys[start..end];
            if (run.Length > LongestForInsertion)
                Sort(run, scratch);
            else if (run.Length > 1)
                InsertionSort(run);

            start = end;
        }
    }

    private static void InsertionSort<TKey>(Span<TKey> keys)
        where TKey : unmanaged, IBinaryInteger<TKey>
    {
        for (var i = 1; i < keys.Length; i++)
        {
            var key = keys[i];
            var hole = i;
            while (hole > 0 && keys[hole - 1] > key)
            {
                keys[hole] = keys[hole - 1];
                hole--;
            }

            keys[hole] = key;
        }
    }
}
