using Sio.Data;

namespace Sio.Tests.Data;

public sealed class CorruptionsTests
{
    [Fact]
    public void Every_corruption_keeps_labels_and_sizes_and_grows_with_its_severity()
    {
        var set = Pictures(12);
        var distances = Enumerable.Range(1, Corruptions.MaxSeverity).Select(severity => Corruptions.All(set, severity, seed: 3).Select(corrupted =>
        {
            Assert.Equal(set.Labels, corrupted.Labels);
            Assert.True(corrupted.HasSameImageSize(set));
            Assert.Equal((set.ClassCount, set.Count), (corrupted.ClassCount, corrupted.Count));
            return corrupted.Pixels.Zip(set.Pixels, (a, b) => Math.Pow(a - b, 2)).Sum();
        }).ToArray()).ToArray();

        Assert.Equal(["gaussian_noise", "gaussian_blur", "contrast", "brightness"], Corruptions.All(set, 1, 3).Select(corrupted => corrupted.Name));
        for (var kind = 0; kind < 4; kind++)
        {
            Assert.True(distances[0][kind] > 0);
            for (var severity = 1; severity < Corruptions.MaxSeverity; severity++)
                Assert.True(distances[severity][kind] > distances[severity - 1][kind], $"{kind}, severity {severity + 1}");
        }
    }

    [Fact]
    public void Noise_has_its_deviation_and_depends_on_the_seed_and_the_image_alone()
    {
        var grey = new ImageSet("grey", [.. Enumerable.Repeat((byte)128, 50 * 400)], new int[50], 1, 20, 20, 1);

        var noisy = Corruptions.GaussianNoise(grey, 3, seed: 1);

        var differences = noisy.Pixels.Select(value => (value - 128) / 255.0).ToArray();
        Assert.Equal(0, differences.Average(), 0.003);
        Assert.Equal(0.08, Math.Sqrt(differences.Average(d => d * d)), 0.002);
        Assert.Equal(noisy.Pixels, Corruptions.GaussianNoise(grey, 3, seed: 1).Pixels);
        Assert.NotEqual(noisy.Pixels, Corruptions.GaussianNoise(grey, 3, seed: 2).Pixels);
        Assert.Equal(noisy.Image(1).ToArray(), Corruptions.GaussianNoise(grey.Take(40, seed: 0), 3, seed: 1).Image(1).ToArray());
        Assert.NotEqual(noisy.Image(0).ToArray(), noisy.Image(1).ToArray());
    }

    [Fact]
    public void Blur_spreads_a_point_as_the_Gaussian_does_and_repeats_the_border()
    {
        var pixels = new byte[9 * 9];
        pixels[(4 * 9) + 4] = 255;
        var blurred = Corruptions.GaussianBlur(new ImageSet("point", pixels, [0], 1, 9, 9, 1), 5);

        // Standard deviation 1, cut off at four pixels.
        var sum = Enumerable.Range(-4, 9).Sum(k => Math.Exp(-k * k / 2.0));
        for (var y = 0; y < 9; y++)
        {
            for (var x = 0; x < 9; x++)
                Assert.Equal(Math.Round(255 * Math.Exp(-(((y - 4) * (y - 4)) + ((x - 4) * (x - 4))) / 2.0) / (sum * sum)), blurred.Pixels[(y * 9) + x]);
        }

        var flat = new ImageSet("flat", [.. Enumerable.Repeat((byte)77, 2 * 3 * 5)], [0], 2, 3, 5, 1);
        Assert.Equal(flat.Pixels, Corruptions.GaussianBlur(flat, 5).Pixels);
    }

    [Fact]
    public void Contrast_and_brightness_of_a_worked_example()
    {
        // Two channels of two pixels.
        var set = new ImageSet("two", [0, 100, 200, 40], [0], 2, 1, 2, 1);

        // Means 50 and 120; severity 2 halves the distances.
        Assert.Equal([25, 75, 160, 80], Corruptions.Contrast(set, 2).Pixels);
        // Severity 2 adds 25.5 to the larger of a pixel's channels, 200 and 100; the other keeps its share.
        Assert.Equal([0, 126, 226, 50], Corruptions.Brightness(set, 2).Pixels);
        // Black becomes grey, and white stays.
        Assert.Equal([26, 26, 26], Corruptions.Brightness(new ImageSet("black", new byte[3], [0], 3, 1, 1, 1), 2).Pixels);
        Assert.Equal([255], Corruptions.Brightness(new ImageSet("white", [250], [0], 1, 1, 1, 1), 2).Pixels);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    public void Other_severities_are_refused(int severity)
    {
        var set = Pictures(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => Corruptions.GaussianNoise(set, severity, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Corruptions.GaussianBlur(set, severity));
        Assert.Throws<ArgumentOutOfRangeException>(() => Corruptions.Contrast(set, severity));
        Assert.Throws<ArgumentOutOfRangeException>(() => Corruptions.Brightness(set, severity));
    }

    private static ImageSet Pictures(int count)
    {
        var random = RandomStream.For(1, "test");
        return new ImageSet("pictures", [.. Enumerable.Range(0, count * 3 * 64).Select(_ => (byte)random.NextInt(180))], [.. Enumerable.Range(0, count).Select(i => i % 3)], 3, 8, 8, 3);
    }
}
