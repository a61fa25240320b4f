using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Text;

namespace Sio.Data;

/// <summary>
/// The project's own random numbers: the same on every machine and with every version of .NET, for ever. The generator
/// is xoshiro256** with its state filled by SplitMix64. (Blackman and Vigna 2021, "Scrambled linear pseudorandom number
/// generators"; Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators".)
/// </summary>
/// <remarks>
/// Every use has a stream of its own, named and numbered (<see cref="For"/>), so that what one use draws never shifts
/// what another gets, and so that work can be cut at any point and taken up again without replaying it. One stream is
/// not for several threads at once.
/// </remarks>
[SuppressMessage("Naming", "CA1711", Justification = "A stream of random numbers; System.IO.Stream is another thing.")]
public sealed class RandomStream
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;

    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;
    private double _spareGaussian = double.NaN;

    /// <summary>Starts a stream; its state is the first four outputs of SplitMix64 for this seed.</summary>
    /// <param name="seed">Any number.</param>
    public RandomStream(ulong seed)
        : this(At(seed, 0), At(seed, 1), At(seed, 2), At(seed, 3))
    {
    }

    internal RandomStream(ulong s0, ulong s1, ulong s2, ulong s3) => (_s0, _s1, _s2, _s3) = (s0, s1, s2, s3);

    /// <summary>Starts the stream of one use: its <see cref="Key"/> is the seed.</summary>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="use">What the numbers are for, e.g. <c>sampler/real</c>.</param>
    /// <param name="numbers">Which of many: an epoch, an image.</param>
    public static RandomStream For(long seed, string use, params ReadOnlySpan<long> numbers) => new(Key(seed, use, numbers));

    /// <summary>
    /// Mixes a seed, a name and numbers into 64 bits: k ← mix(seed + γ); then for each of FNV-1a(UTF-8 of the name) and
    /// the numbers, v: k ← mix((k xor v) + γ), where mix is SplitMix64's output function and γ its increment.
    /// </summary>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="use">What the numbers are for.</param>
    /// <param name="numbers">Which of many.</param>
    public static ulong Key(long seed, string use, params ReadOnlySpan<long> numbers)
    {
        ArgumentNullException.ThrowIfNull(use);
        unchecked
        {
            var name = 0xCBF29CE484222325;
            foreach (var b in Encoding.UTF8.GetBytes(use))
                name = (name ^ b) * 0x100000001B3;

            var key = Mix((ulong)seed + Gamma);
            key = Mix((key ^ name) + Gamma);
            foreach (var number in numbers)
                key = Mix((key ^ (ulong)number) + Gamma);
            return key;
        }
    }

    /// <summary>
    /// Number <paramref name="counter"/> (from 0) of the SplitMix64 sequence that starts at <paramref name="key"/>, without
    /// computing those before it: random numbers that any thread can draw in any order.
    /// </summary>
    /// <param name="key">The seed of the sequence, often from <see cref="Key"/>.</param>
    /// <param name="counter">The place in the sequence.</param>
    public static ulong At(ulong key, ulong counter) => Mix(unchecked(key + ((counter + 1) * Gamma)));

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64()
    {
        unchecked
        {
            var result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
            var t = _s1 << 17;
            _s2 ^= _s0;
            _s3 ^= _s1;
            _s1 ^= _s2;
            _s0 ^= _s3;
            _s2 ^= t;
            _s3 = BitOperations.RotateLeft(_s3, 45);
            return result;
        }
    }

    /// <summary>
    /// An integer from 0 to <paramref name="maxExclusive"/> − 1, each exactly as likely as the others (Lemire 2019, "Fast
    /// random integer generation in an interval", on 64 bits).
    /// </summary>
    /// <param name="maxExclusive">≥ 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxExclusive"/> is below 1.</exception>
    public int NextInt(int maxExclusive)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxExclusive, 1);
        var max = (ulong)maxExclusive;
        var high = Math.BigMul(NextUInt64(), max, out var low);
        if (low < max)
        {
            // 2^64 mod max of the low halves belong to no full interval; they are drawn again.
            var threshold = unchecked(0 - max) % max;
            while (low < threshold)
                high = Math.BigMul(NextUInt64(), max, out low);
        }

        return (int)high;
    }

    /// <summary>A number in [0, 1): a multiple of 2⁻⁵³, all equally likely.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>
    /// A number from the normal distribution with mean 0 and variance 1 (Marsaglia and Bray 1964, the polar method: each
    /// accepted pair gives two, the second is kept for the next call).
    /// </summary>
    public double NextGaussian()
    {
        if (!double.IsNaN(_spareGaussian))
        {
            var spare = _spareGaussian;
            _spareGaussian = double.NaN;
            return spare;
        }

        double u, v, square;
        do
        {
            u = (2 * NextDouble()) - 1;
            v = (2 * NextDouble()) - 1;
            square = (u * u) + (v * v);
        }
        while (square >= 1 || square == 0);

        var scale = Math.Sqrt(-2 * StableMath.Log(square) / square);
        _spareGaussian = v * scale;
        return u * scale;
    }

    /// <summary>Puts the elements in a random order, all orders equally likely (Fisher and Yates, from the end).</summary>
    /// <typeparam name="T">Any type.</typeparam>
    /// <param name="values">The elements.</param>
    public void Shuffle<T>(Span<T> values)
    {
        for (var i = values.Length - 1; i > 0; i--)
        {
            var j = NextInt(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    /// <summary>The numbers 0 to <paramref name="count"/> − 1 in random order.</summary>
    /// <param name="count">≥ 0.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    public int[] Permutation(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var values = new int[count];
        for (var i = 0; i < count; i++)
            values[i] = i;
        Shuffle(values.AsSpan());
        return values;
    }

    private static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
