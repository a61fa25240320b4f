using System.Buffers.Binary;

namespace Sio.Data.Images;

/// <summary>
/// Reads the first picture of GIF files (CompuServe 1990, "Graphics Interchange Format", version 89a) to the same bits as PIL.
/// </summary>
internal static class Gif
{
    private const string Kind = "GIF";
    private const int ScreenBytes = 13;
    private const byte Extension = 0x21, ImageSeparator = 0x2C, Trailer = 0x3B, GraphicControl = 0xF9;

    /// <summary>Whether a file begins as GIF files do.</summary>
    internal static bool IsOne(ReadOnlySpan<byte> file) => file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8);

    /// <summary>Decodes a file's content to RGB. Transparent pixels have the colour that the table names for them.</summary>
    /// <exception cref="DataException">The content is truncated, damaged, too large or without a picture.</exception>
    internal static Picture Decode(byte[] file, string source)
    {
        var (red, green, blue) = Uncovered(file, source);
        using var decoder = SkiaDecoder.Open(file, Kind, source);
        return new Picture(decoder.Width, decoder.Height, 3, decoder.Colours(change: rgba =>
        {
            // Skia leaves black where nothing is drawn.
            for (var i = 0; i < rgba.Length; i += 4)
            {
                if (rgba[i + 3] == 0)
                    (rgba[i], rgba[i + 1], rgba[i + 2]) = (red, green, blue);
            }
        }));
    }

    /// <summary>
    /// The colour that PIL gives to what the first picture does not draw, transparent pixels and the screen around it: the table's colour
    /// for transparency, else its first.
    /// Goes through all blocks, so that truncated files are found.
    /// </summary>
    private static (byte Red, byte Green, byte Blue) Uncovered(ReadOnlySpan<byte> file, string source)
    {
        if (file.Length < ScreenBytes)
            throw Truncated(file, source);
        ImageFile.CheckSize(BinaryPrimitives.ReadUInt16LittleEndian(file[6..]), BinaryPrimitives.ReadUInt16LittleEndian(file[8..]), source);
        var position = ScreenBytes;
        var common = Table(file, file[10], ref position, source);
        (byte, byte, byte)? colour = null;
        var transparent = 0;
        while (true)
        {
            switch (At(file, position++, source))
            {
                case Trailer:
                    return colour ?? throw SkiaDecoder.Damaged(Kind, source, "it has no picture");
                case Extension:
                    if (At(file, position++, source) == GraphicControl && colour is null && At(file, position, source) == 4
                        && (At(file, position + 1, source) & 1) != 0)
                        transparent = At(file, position + 4, source);
                    SkipBlocks(file, ref position, source);
                    break;
                case ImageSeparator:
                    position += 9;
                    var own = Table(file, At(file, position - 1, source), ref position, source);
                    if (colour is null)
                    {
                        var table = own.IsEmpty ? common : own;
                        if (table.IsEmpty)
                            throw SkiaDecoder.Damaged(Kind, source, "it has no colour table");
                        var at = transparent * 3;
                        // PIL's tables go on as a ramp of greys.
                        var ramp = (byte)transparent;
                        colour = at < table.Length ? (table[at], table[at + 1], table[at + 2]) : (ramp, ramp, ramp);
                    }

                    position++; // the codes' first length
                    SkipBlocks(file, ref position, source);
                    break;
                default:
                    break; // stray bytes between blocks are passed over, as PIL does
            }
        }
    }

    private static ReadOnlySpan<byte> Table(ReadOnlySpan<byte> file, byte flags, ref int position, string source)
    {
        if ((flags & 0x80) == 0)
            return [];
        var length = 3 << ((flags & 7) + 1);
        if (position + length > file.Length)
            throw Truncated(file, source);
        position += length;
        return file.Slice(position - length, length);
    }

    private static void SkipBlocks(ReadOnlySpan<byte> file, ref int position, string source)
    {
        for (int length; (length = At(file, position++, source)) > 0;)
            position += length;
    }

    private static byte At(ReadOnlySpan<byte> file, int position, string source) =>
        position < file.Length ? file[position] : throw Truncated(file, source);

    private static DataException Truncated(ReadOnlySpan<byte> file, string source) =>
        new($"{source}: truncated or damaged, its GIF blocks do not lead to an end mark within {file.Length} bytes.");
}
