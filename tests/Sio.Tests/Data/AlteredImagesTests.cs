using Sio.Data;

namespace Sio.Tests.Data;

/// <summary>OOD images made of ID images: what each kind does, worked out on small images.</summary>
public sealed class AlteredImagesTests
{
    public static TheoryData<int, int, int> Sizes => new() { { 1, 28, 28 }, { 3, 32, 32 }, { 1, 9, 7 }, { 3, 7, 13 }, { 2, 1, 5 }, { 3, 3, 2 }, { 4, 1, 1 } };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Any_size_gives_as_many_images_of_that_size_by_the_seed_alone(int channels, int height, int width)
    {
        var source = Noise(23, channels, height, width);
        var before = (byte[])source.Pixels.Clone();
        var made = AlteredImages.Make(source, 4, "val_ood");
        Assert.Equal(("val_ood", 23, channels, height, width, 0), (made.Name, made.Count, made.Channels, made.Height, made.Width, made.ClassCount));
        Assert.All(made.Labels, label => Assert.Equal(ImageSet.OodLabel, label));
        Assert.Equal(made.Pixels, AlteredImages.Make(source, 4, "val_ood").Pixels);
        Assert.NotEqual(made.Pixels, AlteredImages.Make(source, 5, "val_ood").Pixels);
        Assert.Equal(before, source.Pixels);
    }

    [Fact]
    public void Every_kind_has_its_share_and_an_image_depends_on_seed_kind_and_index_alone()
    {
        foreach (var channels in new[] { 1, 3 })
        {
            var source = Noise(30, channels, 9, 11);
            var mixed = AlteredImages.Make(source, 4, "mixed");
            var kinds = AlteredImages.Kinds(channels);
            Assert.Equal(channels == 1 ? 6 : 7, kinds.Count);
            var ofKind = kinds.Select(kind => AlteredImages.Make(source, kind, 4, kind)).ToArray();
            var counts = new int[kinds.Count];
            for (var i = 0; i < source.Count; i++)
            {
                var kind = Assert.Single(Enumerable.Range(0, kinds.Count), k => ofKind[k].Image(i).SequenceEqual(mixed.Image(i)));
                Assert.False(mixed.Image(i).SequenceEqual(source.Image(i)), $"{kinds[kind]} left image {i} as it was");
                counts[kind]++;
            }

            Assert.All(counts, count => Assert.InRange(count, 30 / kinds.Count, (30 / kinds.Count) + 1));
        }
    }

    [Fact]
    public void Means_are_with_an_image_of_another_class()
    {
        // Two images of one class, one of another: (100 + 200)/2 and √(100·200) = 141.4; 0 for the dark one's root.
        var source = new ImageSet("rows", [100, 100, 0, 0, 200, 200], [0, 0, 1], 1, 1, 2, 2);
        for (var seed = 0; seed < 20; seed++)
        {
            var arithmetic = AlteredImages.Make(source, "arithmetic_mean", seed, "a").Pixels;
            Assert.Equal([150, 150, 100, 100], arithmetic[..4]);
            Assert.True(arithmetic[4..] is [150, 150] or [100, 100]);
            var geometric = AlteredImages.Make(source, "geometric_mean", seed, "g").Pixels;
            Assert.Equal([141, 141, 0, 0], geometric[..4]);
            Assert.True(geometric[4..] is [141, 141] or [0, 0]);
        }

        // Where there is one class only, with another image.
        var one = new ImageSet("one", [10, 30, 50], [0, 0, 0], 1, 1, 1, 1);
        for (var seed = 0; seed < 20; seed++)
        {
            var means = AlteredImages.Make(one, "arithmetic_mean", seed, "a").Pixels;
            Assert.True(means[0] is 20 or 30);
            Assert.True(means[1] is 20 or 40);
            Assert.True(means[2] is 30 or 40);
        }
    }

    [Fact]
    public void Jigsaw_moves_every_patch_as_a_whole()
    {
        // 9×10: patches of 2×2, what is left over at the bottom and on the right stays.
        var pixels = Enumerable.Range(0, 2 * 90).Select(i => (byte)(i % 90)).ToArray();
        var made = AlteredImages.Make(new ImageSet("numbers", pixels, [0, 1], 1, 9, 10, 2), "jigsaw", 1, "jigsaw");
        var image = made.Image(0).ToArray();
        Assert.Equal(pixels[..90].Order(), image.Order());
        for (var i = 0; i < 90; i++)
            Assert.Equal(i / 10 == 8 || i % 10 >= 8, image[i] == i);
        for (var patch = 0; patch < 16; patch++)
        {
            var corner = (patch / 4 * 20) + (patch % 4 * 2);
            var from = image[corner];
            Assert.Equal(0, (from / 10 % 2) + (from % 10 % 2));
            Assert.Equal([from, (byte)(from + 1), (byte)(from + 10), (byte)(from + 11)], new[] { corner, corner + 1, corner + 10, corner + 11 }.Select(i => image[i]));
        }

        Assert.NotEqual(image, made.Image(1).ToArray());
    }

    [Fact]
    public void Speckle_grows_with_the_pixel()
    {
        var pixels = Enumerable.Range(0, 8000).Select(i => (byte)(i % 2 * 60)).ToArray();
        var made = AlteredImages.Make(new ImageSet("stripes", pixels, [0, 1], 1, 40, 100, 2), "speckle", 1, "speckle").Pixels;
        Assert.All(made.Where((_, i) => i % 2 == 0), value => Assert.Equal(0, value));
        var bright = made.Where((_, i) => i % 2 == 1).ToArray();
        // 60·E[max(1 + z, 0)] = 60·(Φ(1) + φ(1)) = 65.0 with a standard deviation of about 52; 16 % are cut to 0.
        Assert.Equal(65.0, bright.Average(value => value), 3.5);
        Assert.Equal(0.16, bright.Count(value => value == 0) / (double)bright.Length, 0.02);
    }

    [Fact]
    public void Pixelate_takes_means_over_blocks()
    {
        // 5×11: one block down, two across, of 5 and 6 columns.
        var random = RandomStream.For(1, "pixels");
        var pixels = Enumerable.Range(0, 2 * 55).Select(_ => (byte)random.NextInt(256)).ToArray();
        var image = AlteredImages.Make(new ImageSet("noise", pixels, [0, 1], 1, 5, 11, 2), "pixelate", 1, "blocks").Image(1).ToArray();
        for (var i = 0; i < 55; i++)
        {
            var (left, right) = i % 11 < 5 ? (0, 5) : (5, 11);
            var mean = Enumerable.Range(0, 55).Where(j => j % 11 >= left && j % 11 < right).Average(j => pixels[55 + j]);
            Assert.Equal(mean, image[i], 0.501);
        }
    }

    [Fact]
    public void Invert_and_ghost_change_colours()
    {
        var grey = new ImageSet("grey", [0, 10, 255, 7], [0, 1], 1, 1, 2, 2);
        Assert.Equal([255, 245, 0, 248], AlteredImages.Make(grey, "invert", 1, "inverted").Pixels);
        var colour = new ImageSet("colour", [1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0], [0, 1], 3, 1, 2, 2);
        Assert.Equal([1, 2, 252, 251, 250, 249], AlteredImages.Make(colour, "invert", 1, "inverted").Image(0).ToArray());
        // Green mirrored, blue, red.
        Assert.Equal([4, 3, 5, 6, 1, 2], AlteredImages.Make(colour, "ghost", 1, "ghosts").Image(0).ToArray());
    }

    [Fact]
    public void What_cannot_be_made_is_refused()
    {
        Assert.Throws<ArgumentException>(() => AlteredImages.Make(Noise(1, 1, 4, 4), 1, "one"));
        Assert.Throws<ArgumentException>(() => AlteredImages.Make(Noise(2, 1, 4, 4), "ghost", 1, "grey"));
        Assert.Throws<ArgumentException>(() => AlteredImages.Make(Noise(2, 1, 4, 4), "uniform", 1, "noise"));
    }

    private static ImageSet Noise(int count, int channels, int height, int width)
    {
        var random = RandomStream.For(2, "source");
        var pixels = Enumerable.Range(0, count * channels * height * width).Select(_ => (byte)(1 + random.NextInt(200))).ToArray();
        return new ImageSet("source", pixels, [.. Enumerable.Range(0, count).Select(i => i % 3)], channels, height, width, 3);
    }
}
