using Sio.Data;

namespace Sio.Tests.Data;

public sealed class FractalImagesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Every_image_depends_on_seed_and_index_alone(int channels)
    {
        var many = FractalImages.Make(6, channels, 19, 22, 5);
        Assert.Equal((6, channels, 19, 22, 0), (many.Count, many.Channels, many.Height, many.Width, many.ClassCount));
        Assert.All(many.Labels, label => Assert.Equal(ImageSet.OodLabel, label));
        Assert.Equal(many.Pixels[..(2 * many.ImageLength)], FractalImages.Make(2, channels, 19, 22, 5).Pixels);
        Assert.NotEqual(many.Pixels, FractalImages.Make(6, channels, 19, 22, 6).Pixels);
        Assert.NotEqual(many.Image(0).ToArray(), many.Image(1).ToArray());
    }

    /// <summary>A changed fractal would change runs that were resumed, or repeated later.</summary>
    [Fact]
    public void Images_are_stable_for_ever() => Assert.Equal("2e3216a123e8849057a705ac52661da63afbe47ee1405e5965f48f8557b2eda2", FractalImages.Make(4, 3, 36, 36, 1).ContentHash);

    [Fact]
    public void They_have_structure_and_colours()
    {
        var set = FractalImages.Make(60, 3, 32, 32, 2);
        for (var i = 0; i < set.Count; i++)
        {
            var image = set.Image(i).ToArray();
            Assert.True(image.Distinct().Count() > 30, $"image {i} has {image.Distinct().Count()} values");
        }

        // Neighbours are alike, unlike in noise, and channels differ, unlike in grey pictures.
        double neighbours = 0, apart = 0, channels = 0;
        for (var i = 0; i < set.Count; i++)
        {
            var image = set.Image(i);
            for (var place = 0; place < 1024 - 32; place++)
            {
                neighbours += Math.Abs(image[place] - image[place + 1]);
                apart += Math.Abs(image[place] - image[(place + 519) % 1024]);
                channels += Math.Abs(image[place] - image[place + 1024]);
            }
        }

        Assert.InRange(neighbours / apart, 0.05, 0.8);
        Assert.True(channels / (set.Count * 992.0) > 15);
    }

    [Fact]
    public void No_images_and_sizes_of_1_are_possible_less_is_not()
    {
        Assert.Equal(0, FractalImages.Make(0, 3, 8, 8, 1).Count);
        Assert.Equal(2, FractalImages.Make(2, 1, 1, 1, 1).Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => FractalImages.Make(1, 3, 0, 8, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => FractalImages.Make(-1, 3, 8, 8, 1));
        Assert.Throws<ArgumentException>(() => FractalImages.Make(1_000_000, 3, 1000, 1000, 1));
    }
}
