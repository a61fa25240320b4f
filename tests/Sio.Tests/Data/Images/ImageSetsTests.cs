using Sio.Data;
using Sio.Data.Images;

namespace Sio.Tests.Data.Images;

public sealed class ImageSetsTests : IDisposable
{
    private static readonly ImagePreparation s_square = ImagePreparation.Square(12, 16) with { Resampling = Resampling.Bicubic };
    private readonly ImageTree _tree = new();
    private readonly List<string> _told = [];

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_set_read_from_files_has_the_images_of_one_in_memory(int threads)
    {
        var listing = Listing();
        var inMemory = Open(listing, ImageSets.DefaultMemoryLimit, threads);
        Assert.False(inMemory.IsStreamed);
        Assert.Empty(_told);
        var streamed = Open(listing, 0, threads);
        Assert.True(streamed.IsStreamed);
        Assert.Equal(["'set': 24 images of 3×12×12 would take 0 GB, more than the 0 GB that are kept in memory; each is read from its file when it is needed"], _told);
        Assert.Equal(inMemory.Labels, streamed.Labels);
        Assert.Equal(inMemory.ClassNames!, streamed.ClassNames!);
        Assert.Equal(threads, streamed.ReadingThreads);
        for (var i = 0; i < inMemory.Count; i++)
        {
            Assert.Equal(inMemory.Image(i).ToArray(), streamed.Image(i).ToArray());
            Assert.Equal(_tree.Path(listing.Images[i].Path), streamed.LocationOf(i));
        }

        Assert.Equal(inMemory.ContentHash, streamed.ToMemory().ContentHash);
        Assert.Equal(inMemory.KeepClasses([1]).ContentHash, streamed.KeepClasses([1]).ToMemory().ContentHash);
    }

    [Fact]
    public void The_limit_decides_to_the_byte()
    {
        var listing = Listing();
        const long bytes = 24 * 3 * 12 * 12;
        Assert.False(Open(listing, bytes, 1).IsStreamed);
        Assert.True(Open(listing, bytes - 1, 1).IsStreamed);
        Assert.Throws<ArgumentOutOfRangeException>(() => Open(listing, -1, 1));
    }

    [Fact]
    public void Random_parts_are_cut_out_of_the_original_files()
    {
        var listing = Listing();
        var streamed = Open(listing, 0, 1);
        var (crop, image) = (new RandomResizedCrop(), new byte[streamed.ImageLength]);
        for (var i = 0; i < streamed.Count; i++)
        {
            streamed.CopyCrop(i, crop, RandomStream.For(7, "crop", i), image);
            var expected = crop.Apply(ImageFile.Read(_tree.Path(listing.Images[i].Path), 3), 12, Resampling.Bicubic, RandomStream.For(7, "crop", i));
            for (var c = 0; c < 3; c++)
                Assert.Equal(expected.Pixels.Where((_, at) => at % 3 == c), image.AsSpan(c * 144, 144).ToArray());
        }
    }

    [Fact]
    public void The_hash_knows_paths_lengths_and_preparation()
    {
        var listing = Listing();
        var first = Open(listing, 0, 1).ContentHash;
        Assert.Equal(first, Open(ImageListing.FromClassFolders(_tree.Root), 0, 3).ContentHash);
        Assert.NotEqual(first, Open(listing, long.MaxValue, 1).ContentHash);
        Assert.NotEqual(first, ImageSets.Open(listing, "set", s_square with { ShorterSide = 15 }, memoryLimit: 0).ContentHash);
        var path = _tree.Path(listing.Images[3].Path);
        File.AppendAllText(path, "x");
        Assert.NotEqual(first, Open(listing, 0, 1).ContentHash);
    }

    [Fact]
    public void Files_that_go_missing_or_are_cut_off_are_named()
    {
        var listing = Listing();
        var streamed = Open(listing, 0, 2);
        string gone = _tree.Path(listing.Images[4].Path), cut = _tree.Path(listing.Images[9].Path);
        File.Delete(gone);
        File.WriteAllBytes(cut, File.ReadAllBytes(cut)[..60]);
        Assert.StartsWith(gone, Assert.Throws<DataException>(() => streamed.Image(4).ToArray()).Message, StringComparison.Ordinal);
        Assert.StartsWith(cut, Assert.Throws<DataException>(() => streamed.Image(9).ToArray()).Message, StringComparison.Ordinal);
        Assert.StartsWith(cut, Assert.Throws<DataException>(() => streamed.CopyCrop(9, new RandomResizedCrop(), RandomStream.For(1, "x"), new byte[432])).Message, StringComparison.Ordinal);
        Assert.StartsWith(gone, Assert.Throws<DataException>(() => streamed.ToMemory()).Message, StringComparison.Ordinal);
        Assert.Contains("not found, though", Assert.Throws<DataException>(() => Open(listing, 0, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_images_of_a_list_are_counted_and_the_first_is_named()
    {
        var list = _tree.Path("list.txt");
        File.WriteAllLines(list, Listing().Images.Select(image => $"{image.Path} {image.Label}").Append("none/1.png 0").Append("none/2.png 1"));
        var listing = ImageListing.FromList(list, _tree.Root);
        var expected = $"{_tree.Path("none/1.png")}: not found, though {list} names it; 2 of its {listing.Images.Count} images are not there.";
        foreach (var limit in new[] { 0L, ImageSets.DefaultMemoryLimit })
            Assert.Equal(expected, Assert.Throws<DataException>(() => Open(listing, limit, 1)).Message);
        // Also where it is the first of the list.
        File.WriteAllText(list, "none/1.png 0\n");
        Assert.Contains("not found, though", Assert.Throws<DataException>(() => Open(ImageListing.FromList(list, _tree.Root), 0, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_size_all_files_must_have_the_firsts()
    {
        _tree.WritePng("a/1.png", 1, 5, 4);
        _tree.WritePng("a/2.png", 2, 5, 4);
        _tree.WritePng("a/3.png", 3, 4, 4);
        var set = ImageSets.Open(ImageListing.FromFolder(_tree.Root), "set", memoryLimit: 0);
        Assert.Equal((3, 4, 5, 0), (set.Channels, set.Height, set.Width, set.ClassCount));
        Assert.Equal(2, set.Image(1)[0]);
        Assert.Contains("a/3.png: comes to 4×4, but the first image to 5×4", Assert.Throws<DataException>(() => set.Image(2).ToArray()).Message, StringComparison.Ordinal);
        _tree.WritePng("a/3.png", 3, 1, 200_000);
        var narrow = ImageSets.Open(ImageListing.FromFolder(_tree.Root), "set", ImagePreparation.Square(2000), memoryLimit: 0);
        Assert.Contains("a/3.png: is 1×200000, too narrow", Assert.Throws<DataException>(() => narrow.Image(2).ToArray()).Message, StringComparison.Ordinal);
    }

    private ImageListing Listing()
    {
        foreach (var name in new[] { "yuv420.jpg", "grey.jpg", "palette8.png", "cmyk.jpg" })
            _tree.Write($"b/{name}", ImageFixtures.Bytes(name));
        for (var i = 0; i < 20; i++)
            _tree.Write($"a/{i}.png", Png.Encode(ImageFixtures.Draw(20 + i, 60 - i, 3)));
        return ImageListing.FromClassFolders(_tree.Root);
    }

    private ImageSet Open(ImageListing listing, long limit, int threads) => ImageSets.Open(listing, "set", s_square, memoryLimit: limit, threads: threads, tell: _told.Add);
}
