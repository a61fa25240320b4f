namespace Sio.Data.Transforms;

/// <summary>Changes of pixel values that look at no neighbours, each by a table of 256 values, as Pillow's <c>ImageOps</c> define them.</summary>
internal static class PointOperations
{
    private const int Levels = 256;

    /// <summary>Stretches each channel so that its darkest value becomes 0 and its brightest 255; a channel of one value stays.</summary>
    internal static void AutoContrast(ReadOnlySpan<byte> image, Span<byte> result, ImageSize size)
    {
        Span<byte> table = stackalloc byte[Levels];
        var area = size.Height * size.Width;
        for (var c = 0; c < size.Channels; c++)
        {
            var channel = image.Slice(c * area, area);
            int low = channel[0], high = low;
            foreach (var value in channel)
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
            var scale = high > low ? 255.0 / (high - low) : 1;
            var offset = high > low ? -low * scale : 0;
            for (var level = 0; level < Levels; level++)
                table[level] = (byte)Math.Clamp((int)((level * scale) + offset), 0, 255);
            Map(channel, result.Slice(c * area, area), table);
        }
    }

    /// <summary>Spreads each channel's values so that all are about equally frequent; a channel with too few values to spread stays.</summary>
    internal static void Equalize(ReadOnlySpan<byte> image, Span<byte> result, ImageSize size)
    {
        Span<byte> table = stackalloc byte[Levels];
        Span<int> counts = stackalloc int[Levels];
        var area = size.Height * size.Width;
        for (var c = 0; c < size.Channels; c++)
        {
            var channel = image.Slice(c * area, area);
            counts.Clear();
            foreach (var value in channel)
                counts[value]++;

            // The brightest value's pixels are left out, so that it ends at 255.
            var step = (area - counts[counts.LastIndexOfAnyExcept(0)]) / 255;
            var below = step / 2;
            for (var level = 0; level < Levels; level++)
            {
                table[level] = step == 0 ? (byte)level : (byte)Math.Min(below / step, 255);
                below += counts[level];
            }

            Map(channel, result.Slice(c * area, area), table);
        }
    }

    /// <summary>Keeps the highest bits of each value.</summary>
    internal static void Posterize(ReadOnlySpan<byte> image, Span<byte> result, int bits)
    {
        var mask = (byte)(0xFF00 >> bits);
        for (var i = 0; i < image.Length; i++)
            result[i] = (byte)(image[i] & mask);
    }

    /// <summary>Inverts values from a threshold on.</summary>
    internal static void Solarize(ReadOnlySpan<byte> image, Span<byte> result, double threshold)
    {
        for (var i = 0; i < image.Length; i++)
            result[i] = image[i] < threshold ? image[i] : (byte)(255 - image[i]);
    }

    private static void Map(ReadOnlySpan<byte> from, Span<byte> to, ReadOnlySpan<byte> table)
    {
        for (var i = 0; i < from.Length; i++)
            to[i] = table[from[i]];
    }
}
