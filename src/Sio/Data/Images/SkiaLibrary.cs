using System.Runtime.InteropServices;
using SkiaSharp;

namespace Sio.Data.Images;

/// <summary>SkiaSharp's native library: a NuGet package for each operating system brings it, so there are systems without one.</summary>
public static class SkiaLibrary
{
    /// <summary>The versions of SkiaSharp and of Skia, for people; what is wrong where the native library cannot be loaded.</summary>
    public static string Version
    {
        get
        {
            var managed = typeof(SKCodec).Assembly.GetName().Version?.ToString(3);
            try
            {
                return $"{managed}, Skia milestone {SkiaSharpVersion.Native.Major}";
            }
            catch (Exception e) when (IsMissing(e))
            {
                return $"{managed}, not usable: no native library for {RuntimeInformation.RuntimeIdentifier}";
            }
        }
    }

    internal static bool IsMissing(Exception e) =>
        e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException or TypeInitializationException;

    internal static DataException Missing(string what, Exception e) => new(
        $"{what}: needs SkiaSharp's native library, which cannot be loaded on this system ({RuntimeInformation.RuntimeIdentifier}); "
        + "a package SkiaSharp.NativeAssets.… has it.",
        e);
}
