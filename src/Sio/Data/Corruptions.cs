namespace Sio.Data;

/// <summary>
/// Images of the known classes under covariate shift, made of an ID set: the same pictures and labels, noisier, blurred, paler or brighter. Four of the
/// corruptions of Hendrycks &amp; Dietterich 2019 (arXiv 1903.12261), with the strengths that its authors use for CIFAR-10-C, whose images are as small as ours.
/// </summary>
/// <remarks>The noise of image i depends on the seed and i alone, so that a larger set begins with a smaller one.</remarks>
public static class Corruptions
{
    /// <summary>The largest severity; the smallest is 1.</summary>
    public const int MaxSeverity = 5;

    // By severity. Of the blur, exp(−1/(2σ²)) for σ = 0.4, 0.6, 0.7, 0.8, 1, written out so that no C library has a say in it.
    private static readonly double[] s_noise = [0.04, 0.06, 0.08, 0.09, 0.1];
    private static readonly double[] s_blur = [0.043936933623407434, 0.24935220877729622, 0.36044778859782095, 0.4578333617716143, 0.6065306597126334];
    private static readonly int[] s_blurReach = [2, 2, 3, 3, 4];
    private static readonly double[] s_contrast = [0.75, 0.5, 0.4, 0.3, 0.15];
    private static readonly double[] s_brightness = [0.05, 0.1, 0.15, 0.2, 0.3];

    private delegate void Change(ImageSet set, int index, Span<byte> image);

    /// <summary>All four corruptions of a set.</summary>
    /// <param name="set">ID images.</param>
    /// <param name="severity">1 to <see cref="MaxSeverity"/>.</param>
    /// <param name="seed">Seed of the noise.</param>
    /// <returns>The sets <c>gaussian_noise</c>, <c>gaussian_blur</c>, <c>contrast</c> and <c>brightness</c>, each with the images' labels in their order.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such severity.</exception>
    /// <exception cref="DataException">The set is read from files, and is more than 2 GB or has one that cannot be read.</exception>
    public static IReadOnlyList<ImageSet> All(ImageSet set, int severity, long seed) =>
        [GaussianNoise(set, severity, seed), GaussianBlur(set, severity), Contrast(set, severity), Brightness(set, severity)];

    /// <summary>Adds to every value, on a scale from 0 to 1, a normal one of standard deviation 0.04, 0.06, 0.08, 0.09 or 0.1.</summary>
    /// <inheritdoc cref="All"/>
    /// <returns>A set of as many images.</returns>
    public static ImageSet GaussianNoise(ImageSet set, int severity, long seed)
    {
        Check(set, severity);
        return Make("gaussian_noise", set, (_, index, image) =>
        {
            var random = RandomStream.For(seed, "corruption/gaussian_noise", index);
            foreach (ref var value in image)
                value = ToByte((value / 255.0) + (s_noise[severity - 1] * random.NextGaussian()));
        });
    }

    /// <summary>Blurs by a Gaussian of standard deviation 0.4, 0.6, 0.7, 0.8 or 1 pixels, cut off at four of them; border pixels are repeated.</summary>
    /// <inheritdoc cref="GaussianNoise"/>
    public static ImageSet GaussianBlur(ImageSet set, int severity)
    {
        Check(set, severity);
        var kernel = new double[s_blurReach[severity - 1] + 1];
        for (var k = 0; k < kernel.Length; k++)
        {
            kernel[k] = 1;
            for (var power = 0; power < k * k; power++)
                kernel[k] *= s_blur[severity - 1];
        }

        return Make("gaussian_blur", set, (images, _, image) =>
        {
            var area = images.Height * images.Width;
            var (plane, rows) = (new double[area], new double[area]);
            for (var c = 0; c < images.Channels; c++)
            {
                var target = image.Slice(c * area, area);
                for (var i = 0; i < area; i++)
                    plane[i] = target[i] / 255.0;
                Blur(plane, rows, kernel, images.Height, images.Width, stride: 1);
                Blur(rows, plane, kernel, images.Height, images.Width, stride: images.Width);
                for (var i = 0; i < area; i++)
                    target[i] = ToByte(plane[i]);
            }
        });
    }

    /// <summary>Draws every value towards its channel's mean over the image, to 0.75, 0.5, 0.4, 0.3 or 0.15 of the distance.</summary>
    /// <inheritdoc cref="GaussianNoise"/>
    public static ImageSet Contrast(ImageSet set, int severity)
    {
        Check(set, severity);
        return Make("contrast", set, (images, _, image) =>
        {
            var area = images.Height * images.Width;
            for (var c = 0; c < images.Channels; c++)
            {
                var plane = image.Slice(c * area, area);
                long sum = 0;
                foreach (var value in plane)
                    sum += value;
                var mean = sum / (255.0 * area);
                foreach (ref var value in plane)
                    value = ToByte((((value / 255.0) - mean) * s_contrast[severity - 1]) + mean);
            }
        });
    }

    /// <summary>Adds 0.05, 0.1, 0.15, 0.2 or 0.3 to every pixel's value V of HSV, its largest channel on a scale from 0 to 1; hue and saturation stay.</summary>
    /// <inheritdoc cref="GaussianNoise"/>
    public static ImageSet Brightness(ImageSet set, int severity)
    {
        Check(set, severity);
        return Make("brightness", set, (images, _, image) =>
        {
            var area = images.Height * images.Width;
            for (var i = 0; i < area; i++)
            {
                var largest = 0;
                for (var c = 0; c < images.Channels; c++)
                    largest = Math.Max(largest, image[(c * area) + i]);
                var brighter = Math.Min(1, (largest / 255.0) + s_brightness[severity - 1]);

                // Black has no hue: it becomes grey.
                for (var c = 0; c < images.Channels; c++)
                    image[(c * area) + i] = ToByte(largest == 0 ? brighter : brighter * image[(c * area) + i] / largest);
            }
        });
    }

    private static void Check(ImageSet set, int severity)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentOutOfRangeException.ThrowIfLessThan(severity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(severity, MaxSeverity);
    }

    private static ImageSet Make(string name, ImageSet set, Change change)
    {
        var pixels = set.CopyImages(0, set.Count);
        Parallel.For(0, set.Count, i => change(set, i, pixels.AsSpan(i * set.ImageLength, set.ImageLength)));
        return new ImageSet(name, pixels, set.Labels, set.Channels, set.Height, set.Width, set.ClassCount, set.ClassNames);
    }

    // Along rows with a stride of 1, along columns with one of the width.
    private static void Blur(double[] from, double[] to, double[] kernel, int height, int width, int stride)
    {
        var sum = kernel[0];
        for (var k = 1; k < kernel.Length; k++)
            sum += 2 * kernel[k];
        var length = stride == 1 ? width : height;
        for (var i = 0; i < from.Length; i++)
        {
            var at = stride == 1 ? i % width : i / width;
            var first = i - (at * stride);
            var value = kernel[0] * from[i];
            for (var k = 1; k < kernel.Length; k++)
                value += kernel[k] * (from[first + (Math.Max(at - k, 0) * stride)] + from[first + (Math.Min(at + k, length - 1) * stride)]);
            to[i] = value / sum;
        }
    }

    private static byte ToByte(double value) => (byte)Math.Clamp(Math.Round(255 * value), 0, 255);
}
