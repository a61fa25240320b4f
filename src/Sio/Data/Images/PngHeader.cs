using System.Buffers.Binary;

namespace Sio.Data.Images;

/// <summary>The header chunk of a PNG file (ISO/IEC 15948, clause 11.2.2).</summary>
/// <param name="Width">Pixels per row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Samples">
/// Values per pixel as they are stored: 1 for grey and palettes, 2 for grey with alpha, 3 for colours, 4 with alpha.
/// </param>
/// <param name="IsGrey">Whether there are no colours.</param>
internal readonly record struct PngHeader(int Width, int Height, int Samples, bool IsGrey)
{
    /// <summary>Reads it.</summary>
    /// <param name="file">A file whose chunks lead to its end chunk.</param>
    /// <param name="source">The file's name, for messages.</param>
    /// <exception cref="DataException">The first chunk is another one, or says what cannot be.</exception>
    internal static PngHeader Read(ReadOnlySpan<byte> file, string source)
    {
        var chunk = file[PngChunks.Signature.Length..];
        if (BinaryPrimitives.ReadUInt32BigEndian(chunk) != 13 || !chunk[4..8].SequenceEqual("IHDR"u8))
            throw SkiaDecoder.Damaged("PNG", source, "it does not begin with its header");
        var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(chunk[8..]), BinaryPrimitives.ReadUInt32BigEndian(chunk[12..]));
        var samples = chunk[17] switch { 0 or 3 => 1, 2 => 3, 4 => 2, 6 => 4, _ => 0 };
        if (width is 0 or > int.MaxValue || height is 0 or > int.MaxValue || samples == 0)
            throw SkiaDecoder.Damaged("PNG", source, "its header is damaged or of a kind that is not read");
        return new PngHeader((int)width, (int)height, samples, chunk[17] is 0 or 4);
    }
}
