namespace Sio.Data.Images;

/// <summary>
/// Reads JPEG files (ISO/IEC 10918-1: baseline, progressive, arithmetic-coded; 8 bits) to the same bits as PIL: exact integer DCT, smooth
/// chroma upsampling, colour
/// profiles not applied, and a turned camera's note in EXIF left alone.
/// </summary>
public static class Jpeg
{
    private const string Kind = "JPEG";

    /// <summary>Whether a file begins as JPEG files do.</summary>
    /// <param name="file">Its first three bytes or more.</param>
    public static bool IsOne(ReadOnlySpan<byte> file) => file is [0xFF, 0xD8, 0xFF, ..];

    /// <summary>Decodes a file's content.</summary>
    /// <param name="file">
    /// The content. CMYK and YCCK become RGB as PIL does it, with all four channels inverted as Adobe stores them.
    /// </param>
    /// <param name="source">What to call it in messages.</param>
    /// <returns>One channel where the file is grey, else three.</returns>
    /// <exception cref="DataException">
    /// The content is truncated, damaged beyond reading, no JPEG file or larger than <see cref="ImageFile.MaxPixels"/>. Damage that leaves
    /// all rows in place, such as a few
    /// wrong bytes within a scan, is passed over as PIL passes over it.
    /// </exception>
    public static Picture Decode(byte[] file, string source = "JPEG file") => Open(file, source).Whole();

    /// <summary>A file whose pixels are decoded later, all or a part of them.</summary>
    /// <exception cref="DataException">The content is truncated, no JPEG file or too large.</exception>
    internal static StoredPicture Open(byte[] file, string source)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!IsOne(file))
            throw SkiaDecoder.Damaged(Kind, source, "it does not begin as one");
        var markers = JpegMarkers.Read(file, source);
        return new StoredPicture(markers.Width, markers.Height, box => Decode(file, markers, box, source));
    }

    private static Picture Decode(byte[] file, JpegMarkers markers, CropBox box, string source)
    {
        using var decoder = SkiaDecoder.Open(file, Kind, source);
        if ((decoder.Width, decoder.Height) != (markers.Width, markers.Height))
            throw SkiaDecoder.Damaged(Kind, source, "it has two frames of different sizes");
        // A progressive file that lacks its last scans is smoothed across blocks, also those that are no part of the box.
        var whole = new CropBox(0, 0, markers.Width, markers.Height);
        var decoded = markers.IsProgressive ? whole : box;
        var picture = new Picture(decoded.Width, decoded.Height, decoder.IsGrey ? 1 : 3, decoder.Part(decoded));
        return decoded == box ? picture : Cropping.Crop(picture, box);
    }
}
