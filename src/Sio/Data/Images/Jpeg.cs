using System.Runtime.InteropServices;

namespace Sio.Data.Images;

/// <summary>
/// Reads JPEG files (ISO/IEC 10918-1: baseline, progressive, arithmetic-coded; 8 bits) with libjpeg-turbo (Debian package <c>libturbojpeg0</c>) to the same bits as
/// PIL: exact integer DCT, smooth chroma upsampling, and a turned camera's note in EXIF left alone.
/// </summary>
public static unsafe class Jpeg
{
    /// <summary>Whether libjpeg-turbo is on this machine; without it, reading throws a <see cref="DataException"/>.</summary>
    public static bool IsAvailable => LibTurboJpeg.IsThere;

    /// <summary>Whether a file begins as JPEG files do.</summary>
    /// <param name="file">Its first three bytes or more.</param>
    public static bool IsOne(ReadOnlySpan<byte> file) => file is [0xFF, 0xD8, 0xFF, ..];

    /// <summary>Decodes a file's content.</summary>
    /// <param name="file">The content. CMYK and YCCK become RGB as PIL does it, with all four channels inverted as Adobe stores them.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <returns>One channel where the file is grey, else three.</returns>
    /// <exception cref="DataException">
    /// The content is truncated, damaged beyond reading, no JPEG file or larger than <see cref="ImageFile.MaxPixels"/>, or libjpeg-turbo is not on this machine.
    /// Damage that leaves all rows in place, such as a few wrong bytes within a scan, is passed over as PIL passes over it.
    /// </exception>
    public static Picture Decode(ReadOnlySpan<byte> file, string source = "JPEG file")
    {
        try
        {
            return DecodeWithLibrary(file, source);
        }
        catch (DllNotFoundException e)
        {
            throw new DataException($"{source}: needs libjpeg-turbo, which is not on this machine: ./sio setup installs it (Debian package libturbojpeg0).", e);
        }
    }

    private static Picture DecodeWithLibrary(ReadOnlySpan<byte> file, string source)
    {
        var handle = LibTurboJpeg.tjInitDecompress();
        if (handle is null)
            throw new DataException($"{source}: libjpeg-turbo could not be started.");
        try
        {
            fixed (byte* start = file)
            {
                int width = 0, height = 0, sampling = 0, colours = -1;
                var length = new CULong((nuint)file.Length);
                var header = LibTurboJpeg.tjDecompressHeader3(handle, start, length, &width, &height, &sampling, &colours);
                // Unusual sampling factors (3:1) make it fail after it has read all that is needed here.
                if (width < 1 || height < 1 || colours < 0 || (header != 0 && sampling >= 0 && LibTurboJpeg.tjGetErrorCode(handle) != LibTurboJpeg.Warning))
                    throw Damaged(handle, source);
                ImageFile.CheckSize(width, height, source);

                var (format, channels) = colours switch
                {
                    LibTurboJpeg.ColoursGrey => (LibTurboJpeg.Grey, 1),
                    LibTurboJpeg.ColoursCmyk or LibTurboJpeg.ColoursYcck => (LibTurboJpeg.Cmyk, 4),
                    _ => (LibTurboJpeg.Rgb, 3),
                };
                var pixels = GC.AllocateUninitializedArray<byte>(width * height * channels);
                fixed (byte* to = pixels)
                {
                    if (LibTurboJpeg.tjDecompress2(handle, start, length, to, width, 0, height, format, LibTurboJpeg.LimitScans) != 0)
                    {
                        if (LibTurboJpeg.tjGetErrorCode(handle) != LibTurboJpeg.Warning)
                            throw Damaged(handle, source);
                        // The library fills up what is missing with grey, and names the first warning only, which need not be this one.
                        if (!HasEnd(file))
                            throw new DataException($"{source}: truncated, the end mark of a JPEG file is missing after {file.Length} bytes.");
                    }
                }

                return channels == 4 ? new Picture(width, height, 3, Colours.FromInvertedCmyk(pixels)) : new Picture(width, height, channels, pixels);
            }
        }
        finally
        {
            _ = LibTurboJpeg.tjDestroy(handle);
        }
    }

    /// <summary>Whether an end mark follows the start of the last scan. Within a scan's data neither mark can occur: there, FF is followed by 00.</summary>
    private static bool HasEnd(ReadOnlySpan<byte> file)
    {
        var end = file.LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xD9]);
        return end >= 0 && file[..end].LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]) >= 0 && file[end..].IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]) < 0;
    }

    private static DataException Damaged(void* handle, string source) =>
        new($"{source}: is not a complete, undamaged JPEG file ({DataFile.OneLine(Marshal.PtrToStringUTF8((nint)LibTurboJpeg.tjGetErrorStr2(handle)) ?? string.Empty)}).");
}
