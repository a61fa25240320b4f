namespace Sio.Data.Transforms;

/// <summary>
/// Colour, contrast, brightness and sharpness by a factor f, as Pillow's <c>ImageEnhance</c> defines them: (1 − f)·d + f·image, cut to 0 to 255 and truncated, with an image d that lacks the
/// property altogether. f = 1 leaves the image as it is.
/// </summary>
internal static class EnhanceOperations
{
    /// <summary>d is the grey image. Grey images stay as they are.</summary>
    internal static void Color(ReadOnlySpan<byte> image, Span<byte> result, ImageSize size, float factor)
    {
        var area = size.Height * size.Width;
        for (var i = 0; i < area; i++)
        {
            var grey = Grey(image, area, size.Channels, i);
            for (var place = i; place < image.Length; place += area)
                result[place] = Blend(grey, image[place], factor);
        }
    }

    /// <summary>d is the mean of the grey image, rounded, everywhere.</summary>
    internal static void Contrast(ReadOnlySpan<byte> image, Span<byte> result, ImageSize size, float factor)
    {
        var area = size.Height * size.Width;
        var sum = 0L;
        for (var i = 0; i < area; i++)
            sum += Grey(image, area, size.Channels, i);
        var mean = (int)((sum / (double)area) + 0.5);
        for (var i = 0; i < image.Length; i++)
            result[i] = Blend(mean, image[i], factor);
    }

    /// <summary>d is black.</summary>
    internal static void Brightness(ReadOnlySpan<byte> image, Span<byte> result, float factor)
    {
        for (var i = 0; i < image.Length; i++)
            result[i] = Blend(0, image[i], factor);
    }

    /// <summary>d is smoothed: the mean over 3×3 pixels in which the middle one counts five times; pixels at the edge stay.</summary>
    internal static void Sharpness(ReadOnlySpan<byte> image, Span<byte> result, ImageSize size, float factor)
    {
        var (height, width) = (size.Height, size.Width);
        image.CopyTo(result);
        for (var row = 0; row < size.Channels * height; row++)
        {
            if (row % height == 0 || row % height == height - 1)
                continue;
            ReadOnlySpan<byte> above = image.Slice((row - 1) * width, width), here = image.Slice(row * width, width), below = image.Slice((row + 1) * width, width);
            var to = result.Slice(row * width, width);
            for (var x = 1; x < width - 1; x++)
            {
                var sum = above[x - 1] + above[x] + above[x + 1] + here[x - 1] + (5 * here[x]) + here[x + 1] + below[x - 1] + below[x] + below[x + 1];

                // Thirteenths, rounded.
                to[x] = Blend(((2 * sum) + 13) / 26, here[x], factor);
            }
        }
    }

    // ITU-R 601-2 luma in 16 bits' fixed point, rounded.
    private static int Grey(ReadOnlySpan<byte> image, int area, int channels, int place) => channels == 3
        ? ((image[place] * 19595) + (image[place + area] * 38470) + (image[place + (2 * area)] * 7471) + 0x8000) >> 16
        : image[place];

    private static byte Blend(int from, int to, float factor) => (byte)Math.Clamp(from + (factor * (to - from)), 0f, 255f);
}
