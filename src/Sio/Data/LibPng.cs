using System.Runtime.InteropServices;

namespace Sio.Data;

/// <summary>
/// The simplified interface of libpng 1.6 (its manual, section VI; <c>png.h</c>, "SIMPLIFIED API"). Its functions work on memory and report errors by their
/// result, so that no jump of C crosses managed frames.
/// </summary>
internal static unsafe partial class LibPng
{
    /// <summary>The only version of <see cref="Image"/> there is.</summary>
    internal const uint Version = 1;

    /// <summary>Bits of <see cref="Image.Format"/>; a format without them is grey, 8 bits. Linear means 16 bits in the machine's byte order.</summary>
    internal const uint Alpha = 1, Color = 2, Linear = 4;

    /// <summary>A bit of <see cref="Image.Flags"/>: 16-bit values stand on the same curve as 8-bit ones do.</summary>
    internal const uint SixteenBitsAreEncoded = 4;

    private const string Library = "libpng16.so.16";

    /// <summary>Whether the library can be loaded.</summary>
    internal static bool IsThere
    {
        get
        {
            if (!NativeLibrary.TryLoad(Library, out var handle))
                return false;
            NativeLibrary.Free(handle);
            return true;
        }
    }

    /// <summary>Parses a file's header. 0 on failure.</summary>
    [LibraryImport(Library)]
    internal static partial int png_image_begin_read_from_memory(Image* image, byte* file, nuint length);

    /// <summary>Decodes the pixels, row by row without gaps where the stride is 0. 0 on failure; frees what was begun in any case.</summary>
    [LibraryImport(Library)]
    internal static partial int png_image_finish_read(Image* image, void* background, byte* pixels, int rowStride, void* colormap);

    /// <summary>Gives back what reading has begun.</summary>
    [LibraryImport(Library)]
    internal static partial void png_image_free(Image* image);

    /// <summary>Encodes. 0 on failure, also where <paramref name="length"/>, in bytes, is too small; it is the length needed afterwards.</summary>
    [LibraryImport(Library)]
    internal static partial int png_image_write_to_memory(Image* image, byte* file, nuint* length, int convertTo8Bit, byte* pixels, int rowStride, void* colormap);

    /// <summary><c>png_image</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Image
    {
        internal void* Opaque;
        internal uint Version;
        internal uint Width;
        internal uint Height;
        internal uint Format;
        internal uint Flags;
        internal uint ColormapEntries;
        internal uint WarningOrError;
        internal fixed byte Message[64];
    }
}
