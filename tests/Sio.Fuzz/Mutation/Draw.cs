using Sio.Data;

namespace Sio.Fuzz.Mutation;

/// <summary>The random choices of one input, and the seeds that it may borrow from.</summary>
internal sealed class Draw(RandomStream random, IReadOnlyList<byte[]> others)
{
    // Headers and directories stand at the ends of files; what lies between is mostly pixels and weights.
    private const int EndBytes = 64;

    /// <summary>Valid files of the same kind.</summary>
    internal IReadOnlyList<byte[]> Others => others;

    /// <summary>0 to <paramref name="below"/> − 1.</summary>
    internal int Int(int below) => random.NextInt(below);

    internal bool Chance(int oneIn) => random.NextInt(oneIn) == 0;

    internal T Pick<T>(IReadOnlyList<T> items) => items[random.NextInt(items.Count)];

    internal long Long() => (long)random.NextUInt64();

    /// <summary>A place in a file, half of the time near its beginning or end.</summary>
    internal int Place(int length)
    {
        var near = Math.Min(EndBytes, length);
        return random.NextInt(4) switch
        {
            0 => random.NextInt(near),
            1 => length - 1 - random.NextInt(near),
            _ => random.NextInt(length),
        };
    }

    /// <summary>A length from 1, more often short than long.</summary>
    internal int Length(int most)
    {
        var limit = Math.Max(1, most >> random.NextInt(12));
        return 1 + random.NextInt(limit);
    }

    internal byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++)
            bytes[i] = (byte)random.NextUInt64();
        return bytes;
    }
}
