using System.Buffers.Binary;

namespace Sio.Data.Images;

/// <summary>The chunks that a PNG file is made of (ISO/IEC 15948, clause 5): length, type, content, checksum.</summary>
internal static class PngChunks
{
    private const int Overhead = 12;

    /// <summary>The eight bytes that every file begins with.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>
    /// The file with its critical chunks alone. Nothing else counts: PIL does not let gamma, profiles and transparency change the values,
    /// and texts and profiles are where
    /// damaged files do harm.
    /// </summary>
    /// <returns>The file itself where there is nothing to leave out, up to its end chunk.</returns>
    /// <exception cref="DataException">The chunks do not lead to the end chunk.</exception>
    public static ReadOnlyMemory<byte> WithoutAncillary(byte[] file, string source)
    {
        if (!file.AsSpan().StartsWith(Signature))
            throw new DataException($"{source}: is not a PNG file: it does not begin with the PNG signature.");

        List<Range>? kept = null;
        var position = Signature.Length;
        while (true)
        {
            var rest = file.AsSpan(position);
            var length = rest.Length >= Overhead ? BinaryPrimitives.ReadUInt32BigEndian(rest) : uint.MaxValue;
            if (length > rest.Length - Overhead)
                throw new DataException($"{source}: truncated or damaged, its PNG chunks do not lead to an end chunk within {file.Length} bytes.");
            var next = position + Overhead + (int)length;
            var ancillary = (rest[4] & 0x20) != 0;
            if (ancillary)
                kept ??= [0..position];
            else
                kept?.Add(position..next);
            position = next;
            if (rest[4..8].SequenceEqual("IEND"u8))
                break;
        }

        if (kept is null)
            return file.AsMemory(0, position);
        var plain = new MemoryStream(position);
        foreach (var range in kept)
            plain.Write(file.AsSpan(range));
        return plain.GetBuffer().AsMemory(0, (int)plain.Length);
    }
}
