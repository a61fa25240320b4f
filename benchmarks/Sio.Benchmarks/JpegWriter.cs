using System.Runtime.InteropServices;
using Sio.Data;

namespace Sio.Benchmarks;

/// <summary>Writes JPEG files to be read; the product itself has no use for it.</summary>
internal static unsafe partial class JpegWriter
{
    private const string Library = "libturbojpeg.so.0";
    private const int Rgb = 0, HalfChroma = 2, NoReallocation = 1024;

    /// <summary>Encodes an RGB picture with chroma halved in both directions.</summary>
    public static byte[] Encode(Picture picture, int quality)
    {
        var handle = tjInitCompress();
        var file = new byte[(picture.Pixels.Length * 2) + 4096];
        var length = new CULong((nuint)file.Length);
        fixed (byte* pixels = picture.Pixels, start = file)
        {
            var to = start;
            var failed = tjCompress2(handle, pixels, picture.Width, 0, picture.Height, Rgb, &to, &length, HalfChroma, quality, NoReallocation) != 0;
            _ = tjDestroy(handle);
            return failed ? throw new InvalidOperationException("libjpeg-turbo could not encode a picture.") : file[..(int)length.Value];
        }
    }

    [LibraryImport(Library)]
    private static partial void* tjInitCompress();

    [LibraryImport(Library)]
    private static partial int tjCompress2(
        void* handle, byte* pixels, int width, int pitch, int height, int format, byte** file, CULong* length, int sampling, int quality, int flags);

    [LibraryImport(Library)]
    private static partial int tjDestroy(void* handle);
}
