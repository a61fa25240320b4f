using System.Buffers.Binary;
using System.IO.Compression;

namespace Sio.Fuzz.Mutation;

/// <summary>Packing and unpacking.</summary>
internal static class Packing
{
    // A spoilt file may unpack to a thousand times its size.
    private const int MostBytes = 1 << 22;

    /// <exception cref="InvalidDataException">It is damaged, or more than a seed can have.</exception>
    internal static byte[] Content(Stream packed)
    {
        var bytes = new byte[MostBytes];
        var length = packed.ReadAtLeast(bytes, MostBytes, throwOnEndOfStream: false);
        return length < MostBytes ? bytes[..length] : throw new InvalidDataException("more than a seed can have");
    }

    internal static byte[] Gzip(byte[] content) => Packed(content, bytes => new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true));

    internal static byte[] Zlib(byte[] content) => Packed(content, bytes => new ZLibStream(bytes, CompressionLevel.Fastest, leaveOpen: true));

    private static byte[] Packed(byte[] content, Func<Stream, Stream> pack)
    {
        using var bytes = new MemoryStream();
        using (var packed = pack(bytes))
            packed.Write(content);
        return bytes.ToArray();
    }
}

/// <summary>What is in a gzip file, packed again with the right sum.</summary>
internal sealed class GzipContent(Mutator content) : Mutator
{
    internal override byte[] Mutate(byte[] input, Draw draw)
    {
        if (input is not [0x1F, 0x8B, ..])
            return input;
        try
        {
            using var packed = new GZipStream(new MemoryStream(input), CompressionMode.Decompress);
            return Packing.Gzip(content.Mutate(Packing.Content(packed), draw));
        }
        catch (InvalidDataException)
        {
            return input;
        }
    }
}

/// <summary>What a compressed element of a MATLAB file holds, packed again.</summary>
internal sealed class MatElements : Mutator
{
    private const int HeaderBytes = 128, TagBytes = 8, Compressed = 15;

    internal override byte[] Mutate(byte[] input, Draw draw)
    {
        var places = new List<(int At, int Length)>();
        for (var at = HeaderBytes; at + TagBytes <= input.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(input.AsSpan(at + 4));
            if (length > input.Length - at - TagBytes)
                break;
            if (BinaryPrimitives.ReadUInt32LittleEndian(input.AsSpan(at)) == Compressed)
                places.Add((at + TagBytes, (int)length));
            at += TagBytes + (int)length;
        }

        return places.Count == 0 ? input : Repacked(input, draw.Pick(places), draw);
    }

    private static byte[] Repacked(byte[] input, (int At, int Length) place, Draw draw)
    {
        try
        {
            using var zlib = new ZLibStream(new MemoryStream(input, place.At, place.Length), CompressionMode.Decompress);
            var packed = Packing.Zlib(Mutators.Binary.Mutate(Packing.Content(zlib), draw));
            byte[] output = [.. input[..place.At], .. packed, .. input[(place.At + place.Length)..]];
            BinaryPrimitives.WriteUInt32LittleEndian(output.AsSpan(place.At - 4), (uint)packed.Length);
            return output;
        }
        catch (InvalidDataException)
        {
            return input;
        }
    }
}
