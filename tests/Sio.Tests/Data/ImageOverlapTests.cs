using Sio.Data;

namespace Sio.Tests.Data;

/// <summary>Images of test sets among those trained on.</summary>
public sealed class ImageOverlapTests
{
    [Fact]
    public void Single_images_are_found_by_their_pixels()
    {
        var trained = NoiseImages.Uniform(300, 3, 9, 7, seed: 1);
        var other = NoiseImages.Uniform(50, 3, 9, 7, seed: 2);
        var some = ImageSet.Concat("some", other, trained.Select([299, 0, 0]));
        var found = Assert.Single(ImageOverlap.Find("auxiliary", trained, [other, some, NoiseImages.Uniform(5, 3, 7, 9, seed: 1)]));
        Assert.Equal(new ImageOverlap("auxiliary", "some", 3, 53, 50), found);

        // One pixel of 189, in any place of the hash's lanes and rest, makes another image.
        for (var place = 0; place < trained.ImageLength; place++)
        {
            var pixels = trained.Image(5).ToArray();
            pixels[place] ^= 1;
            Assert.Empty(ImageOverlap.Find("training", trained, [new ImageSet("one", pixels, [-1], 3, 9, 7, 0)]));
        }
    }

    [Fact]
    public void Images_that_repeat_one_another_take_no_longer()
    {
        var black = new ImageSet("black", new byte[60_000 * 16], Enumerable.Repeat(-1, 60_000).ToArray(), 1, 4, 4, 0);
        Assert.Equal(60_000, Assert.Single(ImageOverlap.Find("auxiliary", black, [black.AsOutOfDistribution("test")])).Count);
    }

    [Fact]
    public void Images_that_are_read_from_files_are_found_by_their_files()
    {
        var source = new FakeSource(30, new ImageSize(1, 4, 4));
        var all = new ImageSet("all", source, new int[30], 1);
        var (trained, test) = (all.Select([.. Enumerable.Range(0, 20)]), all.Select([25, 19, 3, 29], "test"));
        Assert.Equal(new ImageOverlap("training", "test", 2, 4, 1), Assert.Single(ImageOverlap.Find("training", trained, [test, all.Select([20, 21])])));
        Assert.Equal(0, source.Reads);

        // One that is read and one in memory are not compared.
        Assert.Empty(ImageOverlap.Find("training", trained, [trained.ToMemory()]));
        Assert.False(ImageOverlap.IsLookedFor(trained.ToMemory(), test));
        Assert.True(ImageOverlap.IsLookedFor(trained, test));
        Assert.Single(ImageOverlap.Find("training", trained.ToMemory(), [test.ToMemory()]));
    }
}
