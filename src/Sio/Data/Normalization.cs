namespace Sio.Data;

/// <summary>(x/255 − mean)/std per channel, the same in training and in every evaluation of the network.</summary>
/// <param name="Mean">Per channel, in 0…1.</param>
/// <param name="Std">Per channel, above 0.</param>
public sealed record Normalization(float[] Mean, float[] Std)
{
    /// <summary>The transform without augmentation.</summary>
    public BatchAugmentation Evaluation() => BatchAugmentation.Evaluation(Mean, Std);

    /// <summary>Mean and standard deviation of all pixels of a set, per channel; each image is read once.</summary>
    /// <param name="set">At least one image. A channel of one value gets the deviation of one level, 1/255, since it has no spread to divide by.</param>
    /// <exception cref="DataException">There is no image, or the file of one is missing or cannot be read.</exception>
    public static Normalization Of(ImageSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        if (set.Count == 0)
            throw new DataException($"'{set.Name}' has no images, of which mean and standard deviation could be taken");
        var (sums, squares) = (new long[set.Channels], new long[set.Channels]);
        var area = set.Height * set.Width;
        // Whole numbers add up to the same in any order.
        ParallelImages.For(set.Count, set.ReadingThreads, i =>
        {
            var image = set.Image(i);
            for (var c = 0; c < set.Channels; c++)
            {
                long sum = 0, square = 0;
                foreach (long pixel in image.Slice(c * area, area))
                {
                    sum += pixel;
                    square += pixel * pixel;
                }

                Interlocked.Add(ref sums[c], sum);
                Interlocked.Add(ref squares[c], square);
            }
        });
        var n = (double)set.Count * area;
        return new Normalization(
            Array.ConvertAll(sums, sum => (float)(sum / n / 255)),
            [.. sums.Zip(squares, (sum, square) => (float)(Math.Sqrt(Math.Max((square / n) - (sum / n * (sum / n)), 1)) / 255))]);
    }
}
