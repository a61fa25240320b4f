using System.Numerics;

namespace Sio.Evaluation;

/// <summary>
/// Turns scores into unsigned integers that sort as the scores do: -inf first, +inf last, and -0.0 equal to 0.0.
/// Integers of fixed width can be radix-sorted, and compare without a thought for NaN.
/// </summary>
internal static class ScoreKeys
{
    /// <summary>Writes the key of each score; refuses an empty set and NaN.</summary>
    /// <param name="scores">Float32 scores, any finite or infinite value.</param>
    /// <param name="keys">Receives one key per score; at least as long as <paramref name="scores"/>.</param>
    /// <param name="set">What the scores are, for the message ("ID" or "OOD").</param>
    /// <exception cref="ArgumentException">No scores, or one is NaN.</exception>
    public static void Fill(ReadOnlySpan<float> scores, Span<uint> keys, string set)
    {
        RefuseEmpty(scores.Length, set);
        keys = keys[..scores.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            // Adding +0 turns -0 into +0 and changes nothing else.
            var bits = BitConverter.SingleToInt32Bits(scores[i] + 0f);
            if (float.IsNaN(scores[i]))
                throw NotANumber(i, set);

            // Positive floats already sort as integers once the sign bit is set; negative ones sort the other way round.
            keys[i] = (uint)(bits ^ ((bits >> 31) | int.MinValue));
        }
    }

    /// <inheritdoc cref="Fill(ReadOnlySpan{float}, Span{uint}, string)"/>
    /// <param name="scores">Float64 scores, any finite or infinite value.</param>
    /// <param name="keys">Receives one key per score; at least as long as <paramref name="scores"/>.</param>
    /// <param name="set">What the scores are, for the message ("ID" or "OOD").</param>
    public static void Fill(ReadOnlySpan<double> scores, Span<ulong> keys, string set)
    {
        RefuseEmpty(scores.Length, set);
        keys = keys[..scores.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            var bits = BitConverter.DoubleToInt64Bits(scores[i] + 0d);
            if (double.IsNaN(scores[i]))
                throw NotANumber(i, set);

            keys[i] = (ulong)(bits ^ ((bits >> 63) | long.MinValue));
        }
    }

    /// <summary>Index of the first key that is not below <paramref name="key"/>, in ascending keys.</summary>
    public static int LowerBound<TKey>(ReadOnlySpan<TKey> ascending, TKey key)
        where TKey : struct, IBinaryInteger<TKey>
    {
        int low = 0, high = ascending.Length;
        while (low < high)
        {
            var middle = (int)(((uint)low + (uint)high) / 2);
            if (ascending[middle] < key)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>Index of the first key that is above <paramref name="key"/>, in ascending keys.</summary>
    public static int UpperBound<TKey>(ReadOnlySpan<TKey> ascending, TKey key)
        where TKey : struct, IBinaryInteger<TKey> =>
        key == TKey.AllBitsSet ? ascending.Length : LowerBound(ascending, key + TKey.One);

    private static void RefuseEmpty(int count, string set)
    {
        if (count == 0)
            throw new ArgumentException($"There are no {set} scores; a metric needs at least one.");
    }

    private static ArgumentException NotANumber(int index, string set) =>
        new($"{set} score {index} is NaN; a score must be a number (infinities are allowed).");
}
