using System.Runtime.InteropServices;
using Sio.Data.Images;

namespace Sio.Data;

/// <summary>
/// Writes PNG files (ISO/IEC 15948) of 8 bits per channel, grey or RGB, and reads those of any kind, with libpng 1.6 (Debian package <c>libpng16-16</c>).
/// </summary>
public static unsafe class Png
{
    private const int MaxSide = 1_000_000; // libpng's own limit

    /// <summary>Whether libpng is on this machine; without it, writing and reading throw a <see cref="DataException"/>.</summary>
    public static bool IsAvailable => LibPng.IsThere;

    /// <summary>Writes a file in place of an older one, completely or not at all (see <see cref="AtomicFile"/>).</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="picture">The picture.</param>
    /// <exception cref="DataException">libpng is not on this machine.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, Picture picture)
    {
        var file = Encode(picture);
        AtomicFile.Write(path, stream => stream.Write(file));
    }

    /// <summary>A picture as the bytes of a PNG file.</summary>
    /// <param name="picture">The picture, at most 1,000,000 pixels wide and high.</param>
    /// <exception cref="ArgumentOutOfRangeException">The picture is wider or higher.</exception>
    /// <exception cref="DataException">libpng is not on this machine, or refuses.</exception>
    public static byte[] Encode(Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(picture.Width, MaxSide, nameof(picture));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(picture.Height, MaxSide, nameof(picture));
        return Guarded("a PNG file", () =>
        {
            var image = NewImage(picture);
            // Deflate adds less than a thousandth to what it cannot pack; libpng says when that was not enough.
            var file = new byte[picture.Pixels.Length + picture.Height + (picture.Pixels.Length / 256) + 1024];
            while (true)
            {
                var length = (nuint)file.Length;
                bool done;
                fixed (byte* pixels = picture.Pixels, start = file)
                    done = LibPng.png_image_write_to_memory(&image, start, &length, 0, pixels, 0, null) != 0;
                if (done)
                    return file[..(int)length];
                if (length <= (nuint)file.Length)
                    throw new DataException($"a picture of {picture.Width}×{picture.Height} cannot be made a PNG file ({Message(image)}).");
                file = new byte[length];
                image = NewImage(picture);
            }
        });
    }

    /// <summary>Whether a file begins as PNG files do.</summary>
    /// <param name="file">Its first eight bytes or more.</param>
    public static bool IsOne(ReadOnlySpan<byte> file) => file.StartsWith(PngChunks.Signature);

    /// <summary>Reads a file.</summary>
    /// <param name="path">
    /// The file, of any colour type. Values stay as they are stored, as in PIL: gamma and colour profiles are not applied and transparency is dropped. Palettes become RGB,
    /// 1, 2 and 4 bits are spread to 0…255, and of 16 bits the upper 8 are kept (with an alpha channel beside them: the nearest of 0…255).
    /// </param>
    /// <returns>One channel where the file is grey, else three.</returns>
    /// <exception cref="DataException">The file is missing, truncated, damaged, too large or no PNG file, or libpng is not on this machine.</exception>
    public static Picture Read(string path) => Decode(ImageFile.ReadBytes(path), path);

    /// <summary>Reads a file's content.</summary>
    /// <param name="file">The content; see <see cref="Read"/> for what becomes of it.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <exception cref="DataException">The content is truncated, damaged, too large or no PNG file, or libpng is not on this machine.</exception>
    public static Picture Decode(byte[] file, string source = "PNG file")
    {
        ArgumentNullException.ThrowIfNull(file);
        return Guarded(source, () =>
        {
            var plain = PngChunks.WithoutAncillary(file, source);
            fixed (byte* start = plain.Span)
            {
                var image = new LibPng.Image { Version = LibPng.Version };
                try
                {
                    if (LibPng.png_image_begin_read_from_memory(&image, start, (nuint)plain.Length) == 0)
                        throw Damaged(source, image);
                    ImageFile.CheckSize(image.Width, image.Height, source);

                    // Read with its transparency and dropped after that: libpng would blend it with a background instead.
                    image.Format &= LibPng.Alpha | LibPng.Color;
                    var stored = Channels(image.Format);
                    var length = (long)image.Width * image.Height * stored;
                    if (length > plain.Length * DataFile.MaxDeflateRatio * 8)
                        throw new DataException($"{source}: claims {image.Width}×{image.Height} pixels in {file.Length} bytes, which cannot be.");

                    // libpng takes 16-bit values for linear light: asked for as such, they come unchanged. With alpha it would multiply them by it, so it has to round them.
                    var deep = PngChunks.BitDepth(plain.Span) == 16;
                    var whole = deep && (image.Format & LibPng.Alpha) == 0;
                    if (whole)
                        image.Format |= LibPng.Linear;
                    else if (deep)
                        image.Flags |= LibPng.SixteenBitsAreEncoded;
                    var pixels = GC.AllocateUninitializedArray<byte>(checked((int)length * (whole ? 2 : 1)));
                    fixed (byte* to = pixels)
                    {
                        if (LibPng.png_image_finish_read(&image, null, to, 0, null) == 0)
                            throw Damaged(source, image);
                    }

                    var channels = (image.Format & LibPng.Color) == 0 ? 1 : 3;
                    var kept = whole ? UpperBytes(pixels) : channels == stored ? pixels : Without(pixels, stored);
                    return new Picture((int)image.Width, (int)image.Height, channels, kept);
                }
                finally
                {
                    LibPng.png_image_free(&image);
                }
            }
        });
    }

    private static LibPng.Image NewImage(Picture picture) => new()
    {
        Version = LibPng.Version,
        Width = (uint)picture.Width,
        Height = (uint)picture.Height,
        Format = picture.Channels == 1 ? 0 : LibPng.Color,
    };

    private static int Channels(uint format) => ((format & LibPng.Color) == 0 ? 1 : 3) + (int)(format & LibPng.Alpha);

    private static byte[] Without(byte[] pixels, int stored)
    {
        var kept = new byte[pixels.Length / stored * (stored - 1)];
        for (var (from, to) = (0, 0); from < pixels.Length; from += stored, to += stored - 1)
            pixels.AsSpan(from, stored - 1).CopyTo(kept.AsSpan(to));
        return kept;
    }

    private static byte[] UpperBytes(byte[] pixels)
    {
        var values = MemoryMarshal.Cast<byte, ushort>(pixels);
        var upper = GC.AllocateUninitializedArray<byte>(values.Length);
        for (var i = 0; i < upper.Length; i++)
            upper[i] = (byte)(values[i] >> 8);
        return upper;
    }

    private static DataException Damaged(string source, LibPng.Image image) => new($"{source}: is not a complete, undamaged PNG file ({Message(image)}).");

    private static string Message(LibPng.Image image) => DataFile.OneLine(Marshal.PtrToStringUTF8((nint)image.Message) ?? string.Empty);

    private static T Guarded<T>(string what, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (DllNotFoundException e)
        {
            throw new DataException($"{what}: needs libpng 1.6, which is not on this machine: ./sio setup installs it (Debian package libpng16-16).", e);
        }
    }
}
