using System.Buffers.Binary;

namespace Sio.Data.Images;

/// <summary>
/// Reads WebP files (RFC 9649), lossy and lossless, to the same bits as PIL: alpha is dropped, profiles are not applied, and of an
/// animation the first picture counts.
/// </summary>
internal static class WebP
{
    private const int HeaderBytes = 8; // "RIFF" and the length of what follows

    /// <summary>Whether a file begins as WebP files do.</summary>
    internal static bool IsOne(ReadOnlySpan<byte> file) =>
        file.Length >= 12 && file.StartsWith("RIFF"u8) && file[8..12].SequenceEqual("WEBP"u8);

    /// <summary>Decodes a file's content to RGB.</summary>
    /// <exception cref="DataException">The content is truncated, damaged or too large.</exception>
    internal static Picture Decode(byte[] file, string source)
    {
        var claimed = HeaderBytes + (long)BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(4));
        if (claimed > file.Length)
            throw new DataException($"{source}: truncated, a WebP file of {claimed} bytes expected, {file.Length} found.");
        using var decoder = SkiaDecoder.Open(file, "WebP", source);
        return new Picture(decoder.Width, decoder.Height, 3, decoder.Colours());
    }
}
