using Sio.Data;

namespace Sio.Evaluation.Benchmarks;

/// <summary>The normalisation of a set that nobody names one for.</summary>
internal static class PixelStatistics
{
    /// <summary>Mean and standard deviation per channel, of all pixels of a set, on a scale from 0 to 1.</summary>
    internal static Normalization Of(ImageSet set)
    {
        var (mean, std) = (new float[set.Channels], new float[set.Channels]);
        var area = set.Height * set.Width;
        for (var c = 0; c < set.Channels; c++)
        {
            double sum = 0, squares = 0;
            for (var i = 0; i < set.Count; i++)
            {
                foreach (var pixel in set.Image(i).Slice(c * area, area))
                {
                    sum += pixel;
                    squares += (double)pixel * pixel;
                }
            }

            var n = (double)set.Count * area;
            var m = sum / n;
            mean[c] = (float)(m / 255);
            // A channel of one value has no spread to divide by.
            std[c] = (float)(Math.Sqrt(Math.Max((squares / n) - (m * m), 1)) / 255);
        }

        return new Normalization(mean, std);
    }
}
