using System.Runtime.InteropServices;

namespace Sio.Data.Images;

/// <summary>
/// The TurboJPEG interface of libjpeg-turbo 2 and 3 (<c>turbojpeg.h</c>). It works on memory and turns libjpeg's jumps on errors into results, so that none crosses
/// managed frames.
/// </summary>
internal static unsafe partial class LibTurboJpeg
{
    /// <summary>Pixel formats (TJPF).</summary>
    internal const int Rgb = 0, Grey = 6, Cmyk = 11;

    /// <summary>Colour spaces of files (TJCS); those with four channels are CMYK and YCCK.</summary>
    internal const int ColoursRgb = 0, ColoursGrey = 2, ColoursCmyk = 3, ColoursYcck = 4;

    /// <summary>Refuse progressive files of more than 500 scans, which are made to keep decoders busy (TJFLAG_LIMITSCANS).</summary>
    internal const int LimitScans = 1 << 15;

    /// <summary>The result of a call that gave pixels though something was wrong with the file (TJERR_WARNING).</summary>
    internal const int Warning = 0;

    private const string Library = "libturbojpeg.so.0";

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

    /// <summary>A decompressor, or null.</summary>
    [LibraryImport(Library)]
    internal static partial void* tjInitDecompress();

    /// <summary>Parses a file's header. Not 0 on failure, also where the sampling factors have no name in this interface; the other values are set then.</summary>
    [LibraryImport(Library)]
    internal static partial int tjDecompressHeader3(void* handle, byte* file, CULong length, int* width, int* height, int* sampling, int* colours);

    /// <summary>Decodes, row by row without gaps where the pitch is 0. Not 0 on failure and on warnings.</summary>
    [LibraryImport(Library)]
    internal static partial int tjDecompress2(void* handle, byte* file, CULong length, byte* pixels, int width, int pitch, int height, int format, int flags);

    /// <summary>Frees a decompressor.</summary>
    [LibraryImport(Library)]
    internal static partial int tjDestroy(void* handle);

    /// <summary>What went wrong in the last call; not to be freed. For warnings it is the first one's text.</summary>
    [LibraryImport(Library)]
    internal static partial byte* tjGetErrorStr2(void* handle);

    /// <summary>How bad it was: <see cref="Warning"/> or worse.</summary>
    [LibraryImport(Library)]
    internal static partial int tjGetErrorCode(void* handle);
}
