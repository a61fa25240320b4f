using Sio.Data;

namespace Sio.Tests.Data;

public sealed class NoiseImagesTests
{
    public delegate ImageSet Maker(int count, int channels, int height, int width, long seed);

    public static TheoryData<string> Kinds => ["gaussian", "uniform", "blobs", "gratings"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_image_depends_on_seed_and_index_alone(string kind)
    {
        var make = Of(kind);
        var many = make(6, 3, 9, 11, 5);
        Assert.Equal((kind, 6, 3, 9, 11, 0), (many.Name, many.Count, many.Channels, many.Height, many.Width, many.ClassCount));
        Assert.All(many.Labels, l => Assert.Equal(ImageSet.OodLabel, l));
        var few = make(2, 3, 9, 11, 5);
        Assert.Equal(few.Pixels, many.Pixels[..few.Pixels.Length]);
        Assert.NotEqual(few.Pixels, make(2, 3, 9, 11, 6).Pixels);
        Assert.NotEqual(many.Image(0).ToArray(), many.Image(1).ToArray());
        Assert.NotEqual(many.Image(0)[..99].ToArray(), many.Image(0)[99..198].ToArray());
    }

    /// <summary>These must never change: published results depend on them. Computed by a second implementation, in Python.</summary>
    [Theory]
    [InlineData("gaussian", "2f2dd3c102ba41c5f821ce9544ebf7c284b61d56b067bd975773ef892bbfc106")]
    [InlineData("uniform", "140cca58874cafd351fed26641963361f0cd9f634607f862689bbbed11d57e6b")]
    [InlineData("blobs", "842e226268e908e5b9c39556b713f728d04b6fbd702cdc7eeb7cc73ed587f768")]
    [InlineData("gratings", "23dba0d7edfef8254184cc7a88b37254adc63e2010c9d181fea4abbae1f6de0b")]
    public void Images_are_stable_for_ever(string kind, string hash) => Assert.Equal(hash, Of(kind)(5, 3, 28, 28, 1).ContentHash);

    [Fact]
    public void Gaussian_noise_has_its_mean_and_deviation()
    {
        var pixels = NoiseImages.Gaussian(50, 1, 28, 28, 1).Pixels;
        Assert.Equal(127.5, pixels.Average(p => p), 1.5);
        // 63.75, less what the cut at 0 and 255 takes away.
        Assert.Equal(61.5, Math.Sqrt(pixels.Average(p => Math.Pow(p - 127.5, 2))), 1.5);
    }

    [Fact]
    public void Uniform_noise_has_all_values_alike()
    {
        var counts = new int[256];
        foreach (var p in NoiseImages.Uniform(100, 1, 32, 32, 1).Pixels)
            counts[p]++;
        // Chi-square with 255 degrees of freedom and 400 expected each; 340 is passed once in 3,000 seeds.
        Assert.InRange(counts.Sum(n => Math.Pow(n - 400, 2) / 400), 160, 340);
    }

    [Fact]
    public void Blobs_are_black_or_bright_and_hang_together()
    {
        var set = NoiseImages.Blobs(50, 1, 28, 28, 1);
        Assert.All(set.Pixels, p => Assert.True(p is 0 or >= 191));
        var bright = set.Pixels.Count(p => p > 0) / (double)set.Pixels.Length;
        Assert.InRange(bright, 0.15, 0.5);
        var (alike, pairs) = (0, 0);
        for (var i = 0; i + 1 < set.Pixels.Length; i++)
        {
            if (i % 28 == 27)
                continue;
            pairs++;
            if (set.Pixels[i] > 0 == set.Pixels[i + 1] > 0)
                alike++;
        }

        Assert.InRange((double)alike / pairs, 0.8, 0.95);
    }

    [Fact]
    public void Gratings_are_waves_in_one_direction()
    {
        var set = NoiseImages.Gratings(30, 1, 28, 28, 1);
        for (var i = 0; i < set.Count; i++)
        {
            // For every plane wave f(x−1, y−1) + f(x+1, y+1) = 2 cos(k·d) f(x, y) around the mean, with one factor for all pixels.
            var image = set.Image(i);
            var (xy, xx) = (0.0, 0.0);
            var residual = new List<(double F, double Sum)>();
            for (var y = 1; y < 27; y++)
            {
                for (var x = 1; x < 27; x++)
                {
                    var f = image[(y * 28) + x] - 127.5;
                    var sum = image[((y - 1) * 28) + x - 1] + image[((y + 1) * 28) + x + 1] - 255.0;
                    residual.Add((f, sum));
                    xy += f * sum;
                    xx += f * f;
                }
            }

            Assert.All(residual, r => Assert.InRange(r.Sum - (xy / xx * r.F), -3, 3));
        }
    }

    [Fact]
    public void Sizes_are_checked()
    {
        Assert.Equal(0, NoiseImages.Uniform(0, 1, 28, 28, 1).Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => NoiseImages.Uniform(-1, 1, 28, 28, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => NoiseImages.Blobs(1, 0, 28, 28, 1));
        Assert.Throws<ArgumentException>(() => NoiseImages.Gaussian(int.MaxValue, 3, 28, 28, 1));
        Assert.Throws<ArgumentException>(() => NoiseImages.Gratings(0, int.MaxValue, int.MaxValue, int.MaxValue, 1));
    }

    private static Maker Of(string kind) => kind switch
    {
        "gaussian" => NoiseImages.Gaussian,
        "uniform" => NoiseImages.Uniform,
        "blobs" => NoiseImages.Blobs,
        _ => NoiseImages.Gratings,
    };
}
