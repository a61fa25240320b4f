using System.Security.Cryptography;
using Sio.Data;

namespace Sio.Evaluation.Generated;

/// <summary>Images that are the same to the last bit.</summary>
/// <param name="Repeated">How many images of the set are the same as an earlier one of it.</param>
/// <param name="InOther">For each image, one that is the same among the others; −1 where there is none.</param>
public sealed record ExactCopies(int Repeated, IReadOnlyList<int> InOther)
{
    /// <summary>How many images are among the others.</summary>
    public int Copied => InOther.Count(index => index >= 0);

    /// <summary>Looks for them.</summary>
    /// <param name="set">The images.</param>
    /// <param name="others">The others, of the same size.</param>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static ExactCopies Find(ImageSet set, ImageSet others)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(others);
        if (!set.HasSameImageSize(others))
            throw new ArgumentException(ImageSet.Text($"'{set}' and '{others}' cannot be compared: the image sizes differ."));
        var there = new Dictionary<Int128, int>();
        for (var i = 0; i < others.Count; i++)
            there.TryAdd(Mark(others, i), i);
        var seen = new HashSet<Int128>();
        var repeated = 0;
        var found = new int[set.Count];
        for (var i = 0; i < set.Count; i++)
        {
            var mark = Mark(set, i);
            repeated += seen.Add(mark) ? 0 : 1;
            found[i] = there.TryGetValue(mark, out var index) ? index : -1;
        }

        return new ExactCopies(repeated, found);
    }

    // The first half of SHA-256: two different images with the same do not occur.
    private static Int128 Mark(ImageSet set, int index)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(set.Image(index), hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadInt128LittleEndian(hash);
    }
}
