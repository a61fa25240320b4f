using Sio.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Evaluation.Generated;

/// <summary>
/// Images made small by the mean over areas. What a copy may differ in, noise, compression, a shift by a pixel, is all but gone in them; what makes two images different is not.
/// </summary>
public static class Thumbnails
{
    /// <summary>The usual side.</summary>
    public const int Side = 8;

    /// <summary>Makes thumbnails.</summary>
    /// <param name="set">The images; a side that is shorter already stays as it is.</param>
    /// <param name="side">Rows and columns, ≥ 1.</param>
    /// <returns>[N, C·rows·columns] float32 on the CPU, from 0 to 1.</returns>
    public static Tensor Of(ImageSet set, int side = Side)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 1);
        var (rows, columns) = (Shares(set.Height, side), Shares(set.Width, side));
        var length = set.Channels * rows.Length * columns.Length;
        var values = new float[(long)set.Count * length];
        Parallel.For(0, set.Count, i => Shrink(set, i, rows, columns, values.AsSpan(i * length, length)));
        return torch.tensor(values, [set.Count, length]);
    }

    private static void Shrink(ImageSet set, int index, (int From, float[] Weights)[] rows, (int From, float[] Weights)[] columns, Span<float> to)
    {
        var image = set.Image(index);
        var at = 0;
        for (var channel = 0; channel < set.Channels; channel++)
        {
            var plane = image.Slice(channel * set.Height * set.Width, set.Height * set.Width);
            foreach (var (top, rowWeights) in rows)
            {
                foreach (var (left, columnWeights) in columns)
                {
                    var sum = 0f;
                    for (var y = 0; y < rowWeights.Length; y++)
                    {
                        var line = plane.Slice(((top + y) * set.Width) + left, columnWeights.Length);
                        var ofLine = 0f;
                        for (var x = 0; x < line.Length; x++)
                            ofLine += columnWeights[x] * line[x];
                        sum += rowWeights[y] * ofLine;
                    }

                    to[at++] = sum / 255;
                }
            }
        }
    }

    // Which pixels each thumbnail pixel covers, and how much of its area each of them fills.
    private static (int From, float[] Weights)[] Shares(int length, int side)
    {
        var count = Math.Min(side, length);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var (start, end) = ((double)i * length / count, (double)(i + 1) * length / count);
            var from = (int)start;
            return (from, Enumerable.Range(from, (int)Math.Ceiling(end - 1e-9) - from)
                .Select(pixel => (float)((Math.Min(end, pixel + 1) - Math.Max(start, pixel)) / (end - start))).ToArray());
        })];
    }
}
