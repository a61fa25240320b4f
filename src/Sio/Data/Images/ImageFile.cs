namespace Sio.Data.Images;

/// <summary>Reads image files; which format one has is seen from its first bytes, not from its name.</summary>
public static class ImageFile
{
    /// <summary>The most pixels that a file may have, 178,956,970: where PIL takes it for a decompression bomb.</summary>
    public const int MaxPixels = 178_956_970;

    /// <summary>Reads a JPEG, PNG, WebP, GIF or BMP file. Of an animation it is the first picture.</summary>
    /// <param name="path">The file.</param>
    /// <param name="channels">
    /// 1 for grey, 3 for RGB, as PIL's <c>convert("L")</c> and <c>convert("RGB")</c> give them; 0 for what the file has.
    /// </param>
    /// <exception cref="DataException">
    /// The file is missing, truncated, damaged, too large or of another format, or SkiaSharp has no native library for this system.
    /// </exception>
    public static Picture Read(string path, int channels = 0) => Decode(ReadBytes(path), path, channels);

    /// <summary>Decodes the content of a JPEG, PNG, WebP, GIF or BMP file.</summary>
    /// <param name="file">The content.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <param name="channels">1 for grey, 3 for RGB, 0 for what the file has.</param>
    /// <exception cref="DataException">
    /// The content is truncated, damaged, too large or of another format, or SkiaSharp has no native library for this system.
    /// </exception>
    public static Picture Decode(byte[] file, string source, int channels = 0)
    {
        if (channels is not (0 or 1 or 3))
            throw new ArgumentOutOfRangeException(nameof(channels), channels, "1 or 3 channels are possible, or 0 for those of the file.");
        var picture = Open(file, source).Whole();
        return channels == 0 ? picture : Colours.WithChannels(picture, channels);
    }

    /// <summary>The content of a file of any format that is read, as a picture of which a part can be asked for.</summary>
    /// <exception cref="DataException">
    /// The content is truncated, damaged, too large or of another format; of a JPEG file it is decoded, and damage found, later.
    /// </exception>
    internal static StoredPicture Open(byte[] file, string source)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Jpeg.IsOne(file) ? Jpeg.Open(file, source)
            : Png.IsOne(file) ? new StoredPicture(Png.Decode(file, source))
            : WebP.IsOne(file) ? new StoredPicture(WebP.Decode(file, source))
            : Gif.IsOne(file) ? new StoredPicture(Gif.Decode(file, source))
            : Bmp.IsOne(file) ? new StoredPicture(Bmp.Decode(file, source))
            : throw new DataException($"{source}: {Describe(file)}, a JPEG, PNG, WebP, GIF or BMP file was expected.");
    }

    /// <summary>Whether a file begins as an image that is read; its name does not count.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    internal static bool IsImage(string path)
    {
        // Opening a pipe would wait for somebody to write into it.
        if ((File.GetAttributes(path) & (FileAttributes.Device | FileAttributes.Directory)) != 0 || new FileInfo(path).Length == 0)
            return false;
        Span<byte> start = stackalloc byte[16];
        using var stream = InputFile.Open(path);
        var first = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        return Jpeg.IsOne(first) || Png.IsOne(first) || WebP.IsOne(first) || Gif.IsOne(first) || (Bmp.IsOne(first) && first.Length == start.Length && first[14] is (12 or 40 or 52 or 56 or 64 or 108 or 124));
    }

    internal static StoredPicture Open(string path) => Open(ReadBytes(path), path);

    internal static byte[] ReadBytes(string path) => DataFile.Read(path, stream =>
    {
        if (stream.Length > Array.MaxLength)
            throw new DataException($"{path}: is {stream.Length} bytes long, too much for an image.");
        var file = GC.AllocateUninitializedArray<byte>((int)stream.Length);
        DataFile.ReadExactly(stream, file, path, "content");
        return file;
    });

    internal static void CheckSize(long width, long height, string source)
    {
        if ((Int128)width * height > MaxPixels)
            throw new DataException($"{source}: claims {width}×{height} pixels, more than the {MaxPixels} that are read.");
    }

    private static string Describe(ReadOnlySpan<byte> file) => file switch
    {
        [] => "is empty",
        [(byte)'I', (byte)'I', 42, 0, ..] or [(byte)'M', (byte)'M', 0, 42, ..] => "is a TIFF file",
        [0, 0, 0, 12, (byte)'j', (byte)'P', ..] => "is a JPEG 2000 file",
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', ..] => "is an AVIF, HEIF or MP4 file",
        [(byte)'<', ..] => "holds text (HTML or XML) in place of an image",
        _ => $"begins with {Convert.ToHexString(file[..Math.Min(file.Length, 4)])}",
    };
}
