namespace Sio.Data;

/// <content>What is done to the pixels of one image.</content>
public sealed partial class BatchAugmentation
{
    /// <summary>Output pixel (y, x) comes from input pixel (y + down, x + right), black outside; mirrored afterwards.</summary>
    private void Transform(ReadOnlySpan<byte> source, Span<float> destination, int height, int width, int down, int right, bool mirrored)
    {
        // The columns of the output that the input covers: the rest is border.
        var first = Math.Clamp(-right, 0, width);
        var last = Math.Clamp(width - right, first, width);
        for (var c = 0; c < Channels; c++)
        {
            var table = _table.AsSpan(c * Levels, Levels);
            for (var y = 0; y < height; y++)
            {
                var output = destination.Slice(((c * height) + y) * width, width);
                if ((uint)(y + down) >= (uint)height || first == last)
                {
                    output.Fill(table[0]);
                    continue;
                }

                var input = source.Slice((((c * height) + y + down) * width) + first + right, last - first);
                output[..first].Fill(table[0]);
                output[last..].Fill(table[0]);
                var covered = output[first..last];
                for (var x = 0; x < input.Length; x++)
                    covered[x] = table[input[x]];
                if (mirrored)
                    output.Reverse();
            }
        }
    }

    // The same crop and flip, of bytes.
    private static void Shift(ReadOnlySpan<byte> source, Span<byte> destination, ImageSize size, int down, int right, bool mirrored)
    {
        var (height, width) = (size.Height, size.Width);
        var first = Math.Clamp(-right, 0, width);
        var last = Math.Clamp(width - right, first, width);
        destination.Clear();
        for (var row = 0; row < size.Channels * height; row++)
        {
            var y = row % height;
            var output = destination.Slice(row * width, width);
            if ((uint)(y + down) < (uint)height && first < last)
                source.Slice(((row + down) * width) + first + right, last - first).CopyTo(output[first..last]);
            if (mirrored)
                output.Reverse();
        }
    }

    private void Normalize(Span<float> image, int area)
    {
        for (var c = 0; c < Channels; c++)
        {
            foreach (ref var value in image.Slice(c * area, area))
                value = (value - _mean[c]) / _std[c];
        }
    }
}
