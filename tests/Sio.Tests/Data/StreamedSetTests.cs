using Sio.Data;
using Sio.Data.Images;

namespace Sio.Tests.Data;

public sealed class StreamedSetTests
{
    private static readonly ImageSize s_size = new(3, 4, 5);
    private static readonly string[] s_names = ["zero", "one", "two"];

    private static readonly Dictionary<string, Func<ImageSet, ImageSet>> s_operations = new()
    {
        ["itself"] = set => set,
        ["select"] = set => set.Select([3, 0, 3, 22], "picked"),
        ["keep"] = set => set.KeepClasses([2, 0]),
        ["hold out"] = set => set.HoldOutClasses([1], "near"),
        ["ood"] = set => set.AsOutOfDistribution("far"),
        ["take"] = set => set.Take(11, 4),
        ["rest"] = set => set.TakeRest(11, 4),
        ["rename"] = set => set.Renamed("other"),
        ["one after the other"] = set => set.Take(20, 1).KeepClasses([1, 2]).Select([5, 1, 2, 0]).Take(3, 9, stratified: false).AsOutOfDistribution(),
        ["join"] = set => ImageSet.Concat("both", set.Select([4, 2]), set, set.Select([]), set.Select([22])),
        ["join and select"] = set => ImageSet.Concat("both", set.Select([4, 2]), set).Select([0, 1, 2, 24, 3]),
    };

    public static TheoryData<string> Operations => [.. s_operations.Keys];

    [Theory]
    [MemberData(nameof(Operations))]
    public void Subsets_are_those_of_a_set_in_memory_and_read_nothing(string operation)
    {
        var source = new FakeSource(23, s_size);
        var (streamed, inMemory) = Sets(source, 1);
        var expected = s_operations[operation](inMemory);
        var made = s_operations[operation](streamed);
        _ = made.ContentHash;
        Assert.Equal(0, source.Reads);
        Assert.True(made.IsStreamed);
        Assert.Equal((expected.Name, expected.Count, expected.ClassCount), (made.Name, made.Count, made.ClassCount));
        Assert.Equal(expected.Labels, made.Labels);
        Assert.Equal(expected.ClassNames ?? [], made.ClassNames ?? []);
        for (var i = 0; i < expected.Count; i++)
            Assert.Equal(expected.Image(i).ToArray(), made.Image(i).ToArray());
        var copied = made.ToMemory();
        Assert.False(copied.IsStreamed);
        Assert.Equal(expected.Pixels, copied.Pixels);
        Assert.Equal(expected.ContentHash, copied.ContentHash);
    }

    [Fact]
    public void Sets_in_memory_join_those_that_are_read()
    {
        var (streamed, inMemory) = Sets(new FakeSource(23, s_size), 2);
        var joined = ImageSet.Concat("both", inMemory.Select([1, 0]), streamed, inMemory.Select([7]));
        Assert.Equal((26, 2), (joined.Count, joined.ReadingThreads));
        Assert.Equal(inMemory.Image(0).ToArray(), joined.Image(1).ToArray());
        Assert.Equal(inMemory.Image(5).ToArray(), joined.Image(7).ToArray());
        Assert.Equal(inMemory.Image(7).ToArray(), joined.Image(25).ToArray());
        Assert.Equal((null, "/fake/0", null), (joined.LocationOf(1), joined.LocationOf(2), joined.LocationOf(25)));
        Assert.NotEqual(joined.ContentHash, ImageSet.Concat("both", inMemory.Select([2, 0]), streamed, inMemory.Select([7])).ContentHash);
    }

    [Fact]
    public void What_needs_all_pixels_says_so()
    {
        var (streamed, inMemory) = Sets(new FakeSource(23, s_size), 1);
        var message = Assert.Throws<DataException>(() => streamed.PixelsFor("training a generator")).Message;
        Assert.Equal("'set' (23 images of 3×4×5) is read from files image by image: training a generator needs the whole set in memory; take fewer images, or a smaller size", message);
        Assert.Throws<DataException>(() => streamed.Pixels);
        Assert.Same(inMemory.Pixels, inMemory.PixelsFor("anything"));
    }

    [Fact]
    public void The_hash_is_of_what_the_images_are()
    {
        var (streamed, inMemory) = Sets(new FakeSource(23, s_size), 1);
        string[] hashes =
        [
            streamed.ContentHash, inMemory.ContentHash, streamed.AsOutOfDistribution().ContentHash, streamed.Select([0, 1, 2]).ContentHash, streamed.Select([1, 0, 2]).ContentHash,
            new ImageSet("set", new FakeSource(23, new ImageSize(3, 5, 4)), streamed.Labels, 3).ContentHash,
        ];
        Assert.Equal(hashes.Length, hashes.Distinct().Count());
        Assert.Equal(streamed.ContentHash, Sets(new FakeSource(23, s_size), 4).Streamed.Renamed("other").ContentHash);
        Assert.Equal(streamed.Select([0, 1, 2]).ContentHash, streamed.Select([2, 1, 0]).Select([2, 1, 0]).ContentHash);
    }

    [Fact]
    public void Says_what_does_not_fit()
    {
        var source = new FakeSource(4, s_size);
        Assert.Contains("3 labels for 4 images", Assert.Throws<ArgumentException>(() => new ImageSet("a", source, [0, 0, 0], 1)).Message, StringComparison.Ordinal);
        Assert.Contains("Label 1 of image 3", Assert.Throws<ArgumentException>(() => new ImageSet("a", source, [0, 0, 0, 1], 1)).Message, StringComparison.Ordinal);
        var set = new ImageSet("a", source, [0, 0, 0, 0], 1);
        Assert.Equal(Environment.ProcessorCount, set.ReadingThreads);
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Image(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.CopyImage(-1, new byte[60]));
        Assert.Contains("takes 60", Assert.Throws<ArgumentException>(() => set.CopyImage(0, new byte[59])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => set.CopyImages(2, 3));
        Assert.Contains("3 labels for 4 images", Assert.Throws<ArgumentException>(() => set.Relabelled([0, 0, 0], 1, null)).Message, StringComparison.Ordinal);
        Assert.Contains("more than the 2.1 GB", Assert.Throws<DataException>(() => set.Select(new int[40_000_000]).ToMemory()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mean_and_deviation_are_those_of_the_pixels()
    {
        var (streamed, inMemory) = Sets(new FakeSource(23, s_size), 3);
        var (own, read) = (Normalization.Of(inMemory), Normalization.Of(streamed));
        Assert.Equal(own.Mean, read.Mean);
        Assert.Equal(own.Std, read.Std);
        var values = Enumerable.Range(0, 23).SelectMany(i => inMemory.Image(i).Slice(20, 20).ToArray()).Select(value => value / 255.0).ToArray();
        Assert.Equal(values.Average(), own.Mean[1], 1e-6);
        Assert.Equal(Math.Sqrt(values.Average(v => v * v) - (values.Average() * values.Average())), own.Std[1], 1e-6);
        Assert.Equal(1 / 255f, Normalization.Of(new ImageSet("grey", [7, 7], [0, 0], 1, 1, 1, 1)).Std[0]);
        Assert.Throws<DataException>(() => Normalization.Of(inMemory.Select([])));
    }

    [Fact]
    public void A_part_of_an_image_in_memory_is_resized_as_a_picture_is()
    {
        var set = new FakeSource(5, new ImageSize(3, 20, 30)).InMemory("set", new int[5], 1);
        var crop = new RandomResizedCrop { MinArea = 0.3 };
        var image = new byte[set.ImageLength];
        for (var i = 0; i < 5; i++)
        {
            set.CopyCrop(i, crop, RandomStream.For(1, "crop", i), image);
            var box = crop.Draw(30, 20, RandomStream.For(1, "crop", i));
            var pixels = new byte[1800];
            for (var at = 0; at < 1800; at++)
                pixels[at] = set.Image(i)[((at % 3) * 600) + (at / 3)];
            var expected = Resampler.Resize(Cropping.Crop(new Picture(30, 20, 3, pixels), box), 30, 20, Resampling.Bilinear);
            for (var c = 0; c < 3; c++)
                Assert.Equal(expected.Pixels.Where((_, at) => at % 3 == c), image.AsSpan(c * 600, 600).ToArray());
        }

        Assert.Throws<ArgumentException>(() => new FakeSource(1, new ImageSize(2, 4, 4)).InMemory("two", [0], 1).CopyCrop(0, crop, RandomStream.For(1, "crop"), new byte[32]));
    }

    internal static (ImageSet Streamed, ImageSet InMemory) Sets(FakeSource source, int threads)
    {
        int[] labels = [.. Enumerable.Range(0, source.Count).Select(i => i * 7 % 3)];
        return (new ImageSet("set", source, labels, 3, s_names, threads), source.InMemory("set", labels, 3, s_names));
    }
}
