using System.Buffers.Binary;

namespace Sio.Data.Images;

/// <summary>What a JPEG file's markers say (ISO/IEC 10918-1, annex B), from its start to its end mark.</summary>
/// <param name="Width">Pixels per row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Components">1 for grey, 3 for colours, 4 for CMYK and YCCK.</param>
/// <param name="IsProgressive">Whether the picture comes in scans that refine each other.</param>
internal readonly record struct JpegMarkers(int Width, int Height, int Components, bool IsProgressive)
{
    private const byte EndOfImage = 0xD9, StartOfScan = 0xDA;
    private const int MaxScans = 500;

    /// <summary>
    /// Goes through a file. Skia fills up what a truncated file lacks with grey, or passes over that only the end mark is missing, so it is
    /// looked for here; and files of
    /// very many scans, or of very many pixels, are found before a decoder gets busy with them.
    /// </summary>
    /// <exception cref="DataException">There is no end mark, no frame, too many scans or too many pixels.</exception>
    internal static JpegMarkers Read(ReadOnlySpan<byte> file, string source)
    {
        JpegMarkers? frame = null;
        var (position, scans) = (2, 0);
        while (true)
        {
            // Bytes that are no marker are passed over, as libjpeg does: a scan's data are such bytes, in which 0 follows FF.
            var next = file[position..].IndexOf((byte)0xFF);
            if (next < 0 || position + next + 1 >= file.Length)
                throw new DataException($"{source}: truncated, the end mark of a JPEG file is missing after {file.Length} bytes.");
            position += next + 1;
            var code = file[position];
            if (code == 0xFF)
                continue; // fills up; the next one may be the marker's
            position++;
            if (code == EndOfImage)
                return frame ?? throw SkiaDecoder.Damaged("JPEG", source, "it has no frame");
            if (code < 0xC0 || code is >= 0xD0 and <= 0xD8)
                continue; // markers without content, or none at all
            var rest = file[position..];
            if (rest.Length < 2 || BinaryPrimitives.ReadUInt16BigEndian(rest) > rest.Length)
                throw new DataException($"{source}: truncated, the end mark of a JPEG file is missing after {file.Length} bytes.");
            var content = rest[..Math.Max((ushort)2, BinaryPrimitives.ReadUInt16BigEndian(rest))];
            if (code == StartOfScan && ++scans > MaxScans)
                throw SkiaDecoder.Damaged("JPEG", source, $"it has more than {MaxScans} scans");
            if (IsFrame(code) && frame is null)
                frame = Frame(code, content, source);
            position += content.Length;
        }
    }

    /// <summary>SOF0 to SOF15, between which stand the markers of tables (C4, CC) and one that is reserved.</summary>
    private static bool IsFrame(byte code) => code is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    private static JpegMarkers Frame(byte code, ReadOnlySpan<byte> content, string source)
    {
        if (content.Length < 8)
            throw SkiaDecoder.Damaged("JPEG", source, "its frame is too short");
        var frame = new JpegMarkers(
            BinaryPrimitives.ReadUInt16BigEndian(content[5..]), BinaryPrimitives.ReadUInt16BigEndian(content[3..]), content[7],
            (code & 3) == 2);
        if (frame.Width < 1 || frame.Height < 1)
            throw SkiaDecoder.Damaged("JPEG", source, $"it claims {frame.Width}×{frame.Height} pixels");
        ImageFile.CheckSize(frame.Width, frame.Height, source);
        return frame;
    }
}
