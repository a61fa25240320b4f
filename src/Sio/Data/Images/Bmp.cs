using System.Buffers.Binary;

namespace Sio.Data.Images;

/// <summary>Reads BMP files (Windows' and OS/2's device-independent bitmaps) to the same bits as PIL; alpha is dropped.</summary>
internal static class Bmp
{
    private const string Kind = "BMP";
    private const int FileHeaderBytes = 14, CoreHeaderBytes = 12, InfoHeaderBytes = 40;
    private const uint Plain = 0, Runs8 = 1, Runs4 = 2, Masks = 3, MasksWithAlpha = 6;

    /// <summary>Whether a file begins as BMP files do.</summary>
    internal static bool IsOne(ReadOnlySpan<byte> file) => file.StartsWith("BM"u8);

    /// <summary>Decodes a file's content to RGB.</summary>
    /// <exception cref="DataException">The content is truncated, damaged, too large or of a kind that is not read.</exception>
    internal static Picture Decode(byte[] file, string source)
    {
        var green = CheckedGreenBits(file, source);
        using var decoder = SkiaDecoder.Open(file, Kind, source);
        return new Picture(decoder.Width, decoder.Height, 3, decoder.Colours(change: green == 0 ? null : rgba => RoundDown(rgba, green)));
    }

    /// <summary>
    /// How many bits green has in pixels of 16, or 0 for pixels of other lengths. Looks whether all that the header claims is there.
    /// </summary>
    private static int CheckedGreenBits(ReadOnlySpan<byte> file, string source)
    {
        if (file.Length < FileHeaderBytes + CoreHeaderBytes)
            throw new DataException($"{source}: truncated, the header of a BMP file expected, {file.Length} bytes found.");
        var info = file[FileHeaderBytes..];
        var isCore = BinaryPrimitives.ReadUInt32LittleEndian(info) == CoreHeaderBytes;
        if (!isCore && info.Length < InfoHeaderBytes)
            throw new DataException($"{source}: truncated, the header of a BMP file expected, {file.Length} bytes found.");
        long width = isCore ? BinaryPrimitives.ReadUInt16LittleEndian(info[4..]) : BinaryPrimitives.ReadInt32LittleEndian(info[4..]);
        long height = isCore
            ? BinaryPrimitives.ReadUInt16LittleEndian(info[6..])
            : Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(info[8..]));
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(info[(isCore ? 10 : 14)..]);
        var packing = isCore ? Plain : BinaryPrimitives.ReadUInt32LittleEndian(info[16..]);
        if (width < 1 || height < 1 || bits is not (1 or 2 or 4 or 8 or 16 or 24 or 32)
            || packing is not (Plain or Runs8 or Runs4 or Masks or MasksWithAlpha))
            throw SkiaDecoder.Damaged(Kind, source, "its header is damaged or of a kind that is not read");
        ImageFile.CheckSize(width, height, source);

        // Rows end on multiples of four bytes. What is packed says its length itself.
        var content = packing is Runs8 or Runs4
            ? BinaryPrimitives.ReadUInt32LittleEndian(info[20..])
            : ((width * bits) + 31) / 32 * 4 * height;
        var claimed = BinaryPrimitives.ReadUInt32LittleEndian(file[10..]) + content;
        if (claimed > file.Length)
            throw new DataException($"{source}: truncated, a BMP file of {claimed} bytes expected, {file.Length} found.");
        if (bits != 16)
            return 0;
        if (packing == Plain || info.Length < InfoHeaderBytes + 8)
            return 5;
        return BinaryPrimitives.ReadUInt32LittleEndian(info[(InfoHeaderBytes + 4)..]) == 0x7E0 ? 6 : 5;
    }

    /// <summary>Skia spreads 5 and 6 bits to the nearest of 0 to 255; PIL rounds down.</summary>
    private static void RoundDown(Span<byte> rgba, int greenBits)
    {
        Span<byte> five = stackalloc byte[256], green = stackalloc byte[256];
        Fill(five, 31);
        Fill(green, (1 << greenBits) - 1);
        for (var i = 0; i < rgba.Length; i += 4)
            (rgba[i], rgba[i + 1], rgba[i + 2]) = (five[rgba[i]], green[rgba[i + 1]], five[rgba[i + 2]]);

        static void Fill(Span<byte> table, int most)
        {
            for (var value = 0; value < table.Length; value++)
                table[value] = (byte)(((value * most) + 127) / 255 * 255 / most);
        }
    }
}
