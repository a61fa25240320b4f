namespace Sio.Data.Images;

/// <summary>Changes of colours, rounded as PIL rounds them.</summary>
public static class Colours
{
    // ITU-R BT.601's weights in 16 bits; together they are 65536.
    private const int Red = 19595, Green = 38470, Blue = 7471;

    /// <summary>A picture with the wanted channels: RGB becomes grey as 0.299 R + 0.587 G + 0.114 B, grey becomes RGB by repeating it.</summary>
    /// <param name="picture">The picture; returned as it is where nothing is to be done.</param>
    /// <param name="channels">1 or 3.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are other numbers of channels wanted.</exception>
    public static Picture WithChannels(Picture picture, int channels)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (channels is not (1 or 3))
            throw new ArgumentOutOfRangeException(nameof(channels), channels, "1 or 3 channels are possible.");
        if (picture.Channels == channels)
            return picture;

        var from = picture.Pixels;
        var to = GC.AllocateUninitializedArray<byte>(picture.Width * picture.Height * channels);
        if (channels == 1)
        {
            for (var (i, j) = (0, 0); i < to.Length; i++, j += 3)
                to[i] = (byte)(((from[j] * Red) + (from[j + 1] * Green) + (from[j + 2] * Blue) + 0x8000) >> 16);
        }
        else
        {
            for (var (i, j) = (0, 0); i < from.Length; i++, j += 3)
                to[j] = to[j + 1] = to[j + 2] = from[i];
        }

        return new Picture(picture.Width, picture.Height, channels, to);
    }

    /// <summary>CMYK as Adobe's programs store it (0 is full ink) as RGB: each colour is what its ink and black leave over.</summary>
    internal static byte[] FromInvertedCmyk(ReadOnlySpan<byte> cmyk)
    {
        var rgb = GC.AllocateUninitializedArray<byte>(cmyk.Length / 4 * 3);
        for (var (from, to) = (0, 0); to < rgb.Length; from += 4, to += 3)
        {
            var light = cmyk[from + 3];
            for (var c = 0; c < 3; c++)
                rgb[to + c] = (byte)Math.Max(0, light - TimesPerFull(255 - cmyk[from + c], light));
        }

        return rgb;
    }

    /// <summary>a·b/255, rounded.</summary>
    private static int TimesPerFull(int a, int b)
    {
        var product = (a * b) + 128;
        return ((product >> 8) + product) >> 8;
    }
}
