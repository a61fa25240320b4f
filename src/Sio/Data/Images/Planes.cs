using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sio.Data.Images;

/// <summary>Between pictures, whose channels lie beside each other, and images of sets, channel after channel.</summary>
internal static class Planes
{
    /// <summary>Writes a picture channel by channel.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="to">Room for all its values.</param>
    internal static void Write(Picture picture, Span<byte> to)
    {
        var from = picture.Pixels;
        if (picture.Channels == 1)
        {
            from.CopyTo(to);
            return;
        }

        var plane = from.Length / 3;
        Span<byte> red = to[..plane], green = to.Slice(plane, plane), blue = to.Slice(2 * plane, plane);
        var done = Vector128.IsHardwareAccelerated ? WriteBySixteen(from, red, green, blue) : 0;
        for (var (i, j) = (done, done * 3); i < plane; i++, j += 3)
            (red[i], green[i], blue[i]) = (from[j], from[j + 1], from[j + 2]);
    }

    /// <summary>Sixteen pixels at a time, which are three vectors: each plane gets some bytes of each.</summary>
    /// <returns>How many pixels are written.</returns>
    private static int WriteBySixteen(ReadOnlySpan<byte> from, Span<byte> red, Span<byte> green, Span<byte> blue)
    {
        // Constants within the method are what the compiler makes single instructions of. 255 gives 0.
        var red0 = Vector128.Create((byte)0, 3, 6, 9, 12, 15, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255);
        var red1 = Vector128.Create((byte)255, 255, 255, 255, 255, 255, 2, 5, 8, 11, 14, 255, 255, 255, 255, 255);
        var red2 = Vector128.Create((byte)255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 4, 7, 10, 13);
        var green0 = Vector128.Create((byte)1, 4, 7, 10, 13, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255);
        var green1 = Vector128.Create((byte)255, 255, 255, 255, 255, 0, 3, 6, 9, 12, 15, 255, 255, 255, 255, 255);
        var green2 = Vector128.Create((byte)255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2, 5, 8, 11, 14);
        var blue0 = Vector128.Create((byte)2, 5, 8, 11, 14, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255);
        var blue1 = Vector128.Create((byte)255, 255, 255, 255, 255, 1, 4, 7, 10, 13, 255, 255, 255, 255, 255, 255);
        var blue2 = Vector128.Create((byte)255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 3, 6, 9, 12, 15);
        ref var pixels = ref MemoryMarshal.GetReference(from);
        ref var reds = ref MemoryMarshal.GetReference(red);
        ref var greens = ref MemoryMarshal.GetReference(green);
        ref var blues = ref MemoryMarshal.GetReference(blue);
        var i = 0;
        for (; i <= red.Length - 16; i += 16)
        {
            var a = Vector128.LoadUnsafe(ref pixels, (nuint)i * 3);
            var b = Vector128.LoadUnsafe(ref pixels, ((nuint)i * 3) + 16);
            var c = Vector128.LoadUnsafe(ref pixels, ((nuint)i * 3) + 32);
            (Vector128.Shuffle(a, red0) | Vector128.Shuffle(b, red1) | Vector128.Shuffle(c, red2)).StoreUnsafe(ref reds, (nuint)i);
            (Vector128.Shuffle(a, green0) | Vector128.Shuffle(b, green1) | Vector128.Shuffle(c, green2)).StoreUnsafe(ref greens, (nuint)i);
            (Vector128.Shuffle(a, blue0) | Vector128.Shuffle(b, blue1) | Vector128.Shuffle(c, blue2)).StoreUnsafe(ref blues, (nuint)i);
        }

        return i;
    }

    /// <summary>A part of an image as a picture.</summary>
    /// <param name="image">C×H×W values.</param>
    /// <param name="size">The image's size; 1 or 3 channels.</param>
    /// <param name="box">The part, within the image.</param>
    /// <exception cref="ArgumentException">There are other numbers of channels.</exception>
    internal static Picture ToPicture(ReadOnlySpan<byte> image, ImageSize size, CropBox box)
    {
        if (size.Channels is not (1 or 3))
            throw new ArgumentException(ImageSet.Text($"Images of {size.Channels} channels cannot be resized, 1 or 3 can."), nameof(size));
        var pixels = GC.AllocateUninitializedArray<byte>(box.Width * box.Height * size.Channels);
        for (var c = 0; c < size.Channels; c++)
        {
            for (var y = 0; y < box.Height; y++)
            {
                var row = image.Slice((((c * size.Height) + box.Top + y) * size.Width) + box.Left, box.Width);
                var to = (y * box.Width * size.Channels) + c;
                foreach (var value in row)
                {
                    pixels[to] = value;
                    to += size.Channels;
                }
            }
        }

        return new Picture(box.Width, box.Height, size.Channels, pixels);
    }
}
