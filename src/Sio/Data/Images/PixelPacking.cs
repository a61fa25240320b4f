using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sio.Data.Images;

/// <summary>Between the four bytes per pixel that Skia works with and pictures of one or three channels.</summary>
internal static class PixelPacking
{
    /// <summary>Drops alpha.</summary>
    /// <param name="rgba">Four bytes per pixel.</param>
    /// <param name="to">Room for exactly these pixels.</param>
    /// <param name="channels">3 to keep red, green and blue; 1 to keep red.</param>
    internal static void Pack(ReadOnlySpan<byte> rgba, Span<byte> to, int channels)
    {
        var pixels = rgba.Length / 4;
        if (channels == 1)
        {
            for (var i = 0; i < pixels; i++)
                to[i] = rgba[i * 4];
            return;
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(to.Length, pixels * 3, nameof(to));
        ref var source = ref MemoryMarshal.GetReference(rgba);
        ref var target = ref MemoryMarshal.GetReference(to);
        var at = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            var order = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255);
            // Four pixels a time; 16 bytes are written for 12, of which the next ones overwrite four: so the last pixels are left to the
            // loop below.
            for (; at <= pixels - 6; at += 4)
                Vector128.Shuffle(Vector128.LoadUnsafe(ref source, (nuint)at * 4), order).StoreUnsafe(ref target, (nuint)at * 3);
        }

        for (; at < pixels; at++)
        {
            ref var from = ref Unsafe.Add(ref source, at * 4);
            ref var pixel = ref Unsafe.Add(ref target, at * 3);
            (pixel, Unsafe.Add(ref pixel, 1), Unsafe.Add(ref pixel, 2)) = (from, Unsafe.Add(ref from, 1), Unsafe.Add(ref from, 2));
        }
    }

    /// <summary>Adds an alpha of 255.</summary>
    /// <param name="rgb">Three bytes per pixel.</param>
    /// <returns>Four bytes per pixel.</returns>
    internal static byte[] WithAlpha(ReadOnlySpan<byte> rgb)
    {
        var rgba = GC.AllocateUninitializedArray<byte>(checked(rgb.Length / 3 * 4));
        for (var (from, to) = (0, 0); from < rgb.Length; from += 3, to += 4)
            (rgba[to], rgba[to + 1], rgba[to + 2], rgba[to + 3]) = (rgb[from], rgb[from + 1], rgb[from + 2], 255);
        return rgba;
    }
}
