using Sio.Data.Images;
using SkiaSharp;

namespace Sio.Data;

/// <summary>Writes PNG files (ISO/IEC 15948) of 8 bits per channel, grey or RGB, and reads those of any kind.</summary>
public static unsafe class Png
{
    private const string Kind = "PNG";
    private const int MaxSide = 1_000_000; // libpng's own limit

    /// <summary>Writes a file in place of an older one, completely or not at all (see <see cref="AtomicFile"/>).</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="picture">The picture.</param>
    /// <exception cref="DataException">SkiaSharp has no native library for this system.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, Picture picture)
    {
        var file = Encode(picture);
        AtomicFile.Write(path, stream => stream.Write(file));
    }

    /// <summary>A picture as the bytes of a PNG file, the same ones each time.</summary>
    /// <param name="picture">The picture, at most 1,000,000 pixels wide and high.</param>
    /// <exception cref="ArgumentOutOfRangeException">The picture is wider or higher.</exception>
    /// <exception cref="DataException">SkiaSharp has no native library for this system, or rejects the picture.</exception>
    public static byte[] Encode(Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(picture.Width, MaxSide, nameof(picture));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(picture.Height, MaxSide, nameof(picture));
        try
        {
            // Skia has no type of three bytes per pixel; of pixels that it takes for opaque it writes three.
            var isGrey = picture.Channels == 1;
            var pixels = isGrey ? picture.Pixels : PixelPacking.WithAlpha(picture.Pixels);
            var type = isGrey ? SKColorType.Gray8 : SKColorType.Rgba8888;
            var info = new SKImageInfo(picture.Width, picture.Height, type, SKAlphaType.Opaque);
            fixed (byte* start = pixels)
            {
                using var map = new SKPixmap(info, (nint)start);
                using var file = map.Encode(SKPngEncoderOptions.Default);
                return file?.ToArray()
                    ?? throw new DataException($"a picture of {picture.Width}×{picture.Height} cannot be made a PNG file.");
            }
        }
        catch (Exception e) when (SkiaLibrary.IsMissing(e))
        {
            throw SkiaLibrary.Missing("a PNG file", e);
        }
    }

    /// <summary>Whether a file begins as PNG files do.</summary>
    /// <param name="file">Its first eight bytes or more.</param>
    public static bool IsOne(ReadOnlySpan<byte> file) => file.StartsWith(PngChunks.Signature);

    /// <summary>Reads a file.</summary>
    /// <param name="path">
    /// The file, of any colour type. Values stay as they are stored, as in PIL: gamma and colour profiles are not applied and transparency
    /// is dropped. Palettes become RGB,
    /// 1, 2 and 4 bits are spread to 0…255, and of 16 bits the upper 8 are kept. (Of grey files of 16 bits without alpha, PIL keeps what is
    /// below 256 and makes the rest
    /// white.)
    /// </param>
    /// <returns>One channel where the file is grey, else three.</returns>
    /// <exception cref="DataException">The file is missing, truncated, damaged, too large or no PNG file.</exception>
    public static Picture Read(string path) => Decode(ImageFile.ReadBytes(path), path);

    /// <summary>Reads a file's content.</summary>
    /// <param name="file">The content; see <see cref="Read"/> for what becomes of it.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <exception cref="DataException">The content is truncated, damaged, too large or no PNG file.</exception>
    public static Picture Decode(byte[] file, string source = "PNG file")
    {
        ArgumentNullException.ThrowIfNull(file);
        var plain = PngChunks.WithoutAncillary(file, source);
        var header = PngHeader.Read(plain.Span, source);
        ImageFile.CheckSize(header.Width, header.Height, source);
        if ((long)header.Width * header.Height * header.Samples > plain.Length * DataFile.MaxDeflateRatio * 8)
            throw new DataException($"{source}: claims {header.Width}×{header.Height} pixels in {file.Length} bytes, which cannot be.");

        using var decoder = SkiaDecoder.Open(plain, Kind, source);
        var channels = header.IsGrey ? 1 : 3;
        return new Picture(decoder.Width, decoder.Height, channels, decoder.IsGrey ? decoder.Grey() : decoder.Colours(channels));
    }
}
