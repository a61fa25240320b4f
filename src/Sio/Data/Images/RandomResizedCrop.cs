namespace Sio.Data.Images;

/// <summary>
/// A random part of a picture, resized to a square: the augmentation that ImageNet networks are trained with (Szegedy et al. 2015, "Going deeper with convolutions",
/// section 6), with torchvision's rules. The part's area is a fraction of the picture's, uniform in <see cref="MinArea"/>…<see cref="MaxArea"/>; its width is to its height
/// as a number whose logarithm is uniform between those of <see cref="MinAspect"/> and <see cref="MaxAspect"/>. Ten tries; then the largest part in the middle that keeps
/// within the aspects.
/// </summary>
public sealed class RandomResizedCrop
{
    private const int Tries = 10;

    /// <summary>Smallest area, a fraction of the picture's, in (0, 1].</summary>
    public double MinArea { get; init; } = 0.08;

    /// <summary>Largest area, from <see cref="MinArea"/> to 1.</summary>
    public double MaxArea { get; init; } = 1;

    /// <summary>Smallest width / height, above 0.</summary>
    public double MinAspect { get; init; } = 3.0 / 4;

    /// <summary>Largest width / height, at least <see cref="MinAspect"/>.</summary>
    public double MaxAspect { get; init; } = 4.0 / 3;

    /// <summary>Draws a part.</summary>
    /// <param name="width">Of the picture, ≥ 1.</param>
    /// <param name="height">Of the picture, ≥ 1.</param>
    /// <param name="random">Each try takes two doubles, and the one that fits two integers more (row, column).</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    /// <exception cref="InvalidOperationException">The settings are out of range.</exception>
    public CropBox Draw(int width, int height, RandomStream random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentNullException.ThrowIfNull(random);
        if (!(MinArea > 0 && MinArea <= MaxArea && MaxArea <= 1 && MinAspect > 0 && MinAspect <= MaxAspect && double.IsFinite(MaxAspect)))
            throw new InvalidOperationException(ImageSet.Text($"Areas {MinArea}…{MaxArea} or aspects {MinAspect}…{MaxAspect} are out of range."));

        var (low, high) = (Math.Log(MinAspect), Math.Log(MaxAspect));
        for (var i = 0; i < Tries; i++)
        {
            var area = (double)width * height * (MinArea + ((MaxArea - MinArea) * random.NextDouble()));
            var aspect = Math.Exp(low + ((high - low) * random.NextDouble()));
            var (w, h) = (Math.Round(Math.Sqrt(area * aspect)), Math.Round(Math.Sqrt(area / aspect)));
            if (w >= 1 && w <= width && h >= 1 && h <= height)
            {
                var top = random.NextInt(height - (int)h + 1);
                return new CropBox(random.NextInt(width - (int)w + 1), top, (int)w, (int)h);
            }
        }

        var has = (double)width / height;
        var (middleWidth, middleHeight) = has < MinAspect ? (width, Math.Clamp((int)Math.Round(width / MinAspect), 1, height))
            : has > MaxAspect ? (Math.Clamp((int)Math.Round(height * MaxAspect), 1, width), height)
            : (width, height);
        return new CropBox((width - middleWidth) / 2, (height - middleHeight) / 2, middleWidth, middleHeight);
    }

    /// <summary>Draws a part and resizes it.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="side">Width and height afterwards, ≥ 1.</param>
    /// <param name="resampling">How.</param>
    /// <param name="random">See <see cref="Draw"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The side is below 1.</exception>
    /// <exception cref="InvalidOperationException">The settings are out of range.</exception>
    public Picture Apply(Picture picture, int side, Resampling resampling, RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return Resampler.Resize(Cropping.Crop(picture, Draw(picture.Width, picture.Height, random)), side, side, resampling);
    }
}
