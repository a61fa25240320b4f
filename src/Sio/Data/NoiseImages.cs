namespace Sio.Data;

/// <summary>
/// Far out-of-distribution images that need no download, drawn from a seed: image i depends on the seed, the kind of
/// noise and i alone, so that a larger set begins with a smaller one. All labels are −1.
/// </summary>
public static class NoiseImages
{
    /// <summary>exp(−k²/(2·1.5²)) for k = 0 to 6, written out so that no C library has a say in it.</summary>
    private static readonly double[] BlurKernel =
    [
        1.0, 0.8007374029168081, 0.41111229050718745, 0.1353352832366127, 0.028565500784550377,
        0.0038659201394728076, 0.00033546262790251185,
    ];

    private delegate void Draw(RandomStream random, Span<byte> image, int channels, int height, int width);

    /// <summary>
    /// Every value independently from a normal distribution around middle grey: 255·(½ + ¼·z), rounded and cut to 0 to
    /// 255 (Hendrycks, Mazeika and Dietterich 2019, arXiv 1812.04606: standard deviation ½ on a scale from −1 to 1).
    /// </summary>
    /// <param name="count">The number of images, ≥ 0.</param>
    /// <param name="channels">≥ 1.</param>
    /// <param name="height">≥ 1.</param>
    /// <param name="width">≥ 1.</param>
    /// <param name="seed">Any number.</param>
    /// <exception cref="ArgumentException">A size is out of range, or the set would exceed 2 GiB.</exception>
    public static ImageSet Gaussian(int count, int channels, int height, int width, long seed) =>
        Make("gaussian", DrawGaussian, count, channels, height, width, seed);

    /// <summary>
    /// Every value independently and equally likely from 0 to 255 (Liang, Li and Srikant 2018, "Enhancing the reliability
    /// of out-of-distribution image detection in neural networks", arXiv 1706.02690).
    /// </summary>
    /// <param name="count">The number of images, ≥ 0.</param>
    /// <param name="channels">≥ 1.</param>
    /// <param name="height">≥ 1.</param>
    /// <param name="width">≥ 1.</param>
    /// <param name="seed">Any number.</param>
    /// <exception cref="ArgumentException">A size is out of range, or the set would exceed 2 GiB.</exception>
    public static ImageSet Uniform(int count, int channels, int height, int width, long seed) =>
        Make("uniform", DrawUniform, count, channels, height, width, seed);

    /// <summary>
    /// Amorphous shapes with definite edges (Hendrycks, Mazeika and Dietterich 2019, arXiv 1812.04606): every value is 1
    /// with probability 0.7 and else 0, each channel is blurred by a Gaussian of standard deviation 1.5 pixels (13 taps, border pixels
    /// repeated), values below 0.75 become 0, and the rest is scaled to 0 to 255.
    /// </summary>
    /// <param name="count">The number of images, ≥ 0.</param>
    /// <param name="channels">≥ 1.</param>
    /// <param name="height">≥ 1.</param>
    /// <param name="width">≥ 1.</param>
    /// <param name="seed">Any number.</param>
    /// <exception cref="ArgumentException">A size is out of range, or the set would exceed 2 GiB.</exception>
    public static ImageSet Blobs(int count, int channels, int height, int width, long seed) =>
        Make("blobs", DrawBlobs, count, channels, height, width, seed);

    /// <summary>
    /// Sine gratings. Per image: an orientation over half a turn and a wavelength from 3 to 12 pixels, both uniform. Per
    /// channel: a phase over a full turn and a contrast from ½ to 1, both uniform; value 255·(½ + ½·contrast·sine).
    /// </summary>
    /// <param name="count">The number of images, ≥ 0.</param>
    /// <param name="channels">≥ 1.</param>
    /// <param name="height">≥ 1.</param>
    /// <param name="width">≥ 1.</param>
    /// <param name="seed">Any number.</param>
    /// <exception cref="ArgumentException">A size is out of range, or the set would exceed 2 GiB.</exception>
    public static ImageSet Gratings(int count, int channels, int height, int width, long seed) =>
        Make("gratings", DrawGratings, count, channels, height, width, seed);

    private static ImageSet Make(string name, Draw draw, int count, int channels, int height, int width, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        var imageLength = (Int128)channels * height * width;
        if (imageLength * Math.Max(count, 1) > Array.MaxLength)
            throw new ArgumentException(ImageSet.Text($"{count} images of {channels}×{height}×{width} are too many for one set, at most {Array.MaxLength} bytes are possible."), nameof(count));

        var length = (int)imageLength;
        var pixels = new byte[count * length];
        for (var i = 0; i < count; i++)
            draw(RandomStream.For(seed, "noise/" + name, i), pixels.AsSpan(i * length, length), channels, height, width);
        var labels = new int[count];
        Array.Fill(labels, ImageSet.OodLabel);
        return new ImageSet(name, pixels, labels, channels, height, width, 0);
    }

    private static void DrawGaussian(RandomStream random, Span<byte> image, int channels, int height, int width)
    {
        foreach (ref var value in image)
            value = ToByte(0.5 + (0.25 * random.NextGaussian()));
    }

    private static void DrawUniform(RandomStream random, Span<byte> image, int channels, int height, int width)
    {
        foreach (ref var value in image)
            value = (byte)(random.NextUInt64() >> 56);
    }

    private static void DrawBlobs(RandomStream random, Span<byte> image, int channels, int height, int width)
    {
        var plane = new double[height * width];
        var blurred = new double[height * width];
        for (var c = 0; c < channels; c++)
        {
            foreach (ref var value in plane.AsSpan())
                value = random.NextDouble() < 0.7 ? 1 : 0;
            Blur(plane, blurred, height, width, alongRows: true);
            Blur(blurred, plane, height, width, alongRows: false);
            var target = image.Slice(c * plane.Length, plane.Length);
            for (var i = 0; i < plane.Length; i++)
                target[i] = plane[i] < 0.75 ? (byte)0 : ToByte(plane[i]);
        }
    }

    private static void DrawGratings(RandomStream random, Span<byte> image, int channels, int height, int width)
    {
        var orientation = 0.5 * random.NextDouble();
        var wavelength = 3 + (9 * random.NextDouble());
        var (perColumn, perRow) = (StableMath.CosTurns(orientation) / wavelength, StableMath.SinTurns(orientation) / wavelength);
        for (var c = 0; c < channels; c++)
        {
            var phase = random.NextDouble();
            var contrast = 0.5 + (0.5 * random.NextDouble());
            for (var y = 0; y < height; y++)
            {
                var row = image.Slice(((c * height) + y) * width, width);
                for (var x = 0; x < width; x++)
                    row[x] = ToByte(0.5 + (0.5 * contrast * StableMath.SinTurns(phase + (x * perColumn) + (y * perRow))));
            }
        }
    }

    private static void Blur(double[] from, double[] to, int height, int width, bool alongRows)
    {
        var sum = BlurKernel[0];
        for (var k = 1; k < BlurKernel.Length; k++)
            sum += 2 * BlurKernel[k];

        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var value = BlurKernel[0] * from[(y * width) + x];
                for (var k = 1; k < BlurKernel.Length; k++)
                {
                    value += alongRows
                        ? BlurKernel[k] * (from[(y * width) + Math.Max(x - k, 0)] + from[(y * width) + Math.Min(x + k, width - 1)])
                        : BlurKernel[k] * (from[(Math.Max(y - k, 0) * width) + x] + from[(Math.Min(y + k, height - 1) * width) + x]);
                }

                to[(y * width) + x] = value / sum;
            }
        }
    }

    private static byte ToByte(double value) => (byte)Math.Clamp(Math.Round(255 * value), 0, 255);
}
