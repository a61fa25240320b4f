using Sio.Data;
using Sio.Data.Images;

namespace Sio.Tests.Data.Images;

public sealed class ImageFolderTests : IDisposable
{
    private readonly ImageTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void A_folder_becomes_a_set_of_planes_and_labels()
    {
        _tree.WritePng("b/grey.png", 7, 2, 1, channels: 1);
        _tree.Write("a/colours.png", Png.Encode(new Picture(2, 1, 3, [1, 2, 3, 4, 5, 6])));
        var set = ImageFolder.Load(ImageListing.FromClassFolders(_tree.Root), "mine");
        Assert.Equal(("mine", 2, 3, 1, 2, 2), (set.Name, set.Count, set.Channels, set.Height, set.Width, set.ClassCount));
        Assert.Equal([1, 4, 2, 5, 3, 6, 7, 7, 7, 7, 7, 7], set.Pixels);
        Assert.Equal([0, 1], set.Labels);
        Assert.Equal(["a", "b"], set.ClassNames);

        var grey = ImageFolder.Load(ImageListing.FromFolder(_tree.Root), "grey", new ImagePreparation { Channels = 1 });
        Assert.Equal([2, 5, 7, 7], grey.Pixels); // 0.299 · 1 + 0.587 · 2 + 0.114 · 3 = 1.8
        Assert.Equal([-1, -1], grey.Labels);
    }

    [Fact]
    public void Pictures_are_resized_and_cropped_as_told_whatever_the_threads()
    {
        foreach (var name in new[] { "yuv420.jpg", "grey.jpg", "palette8.png", "cmyk.jpg", "rgb16.png" })
            _tree.Write(name, ImageFixtures.Bytes(name));
        for (var i = 0; i < 40; i++)
            _tree.Write($"more/{i}.png", Png.Encode(ImageFixtures.Draw(20 + i, 60 - i, 3)));
        var listing = ImageListing.FromFolder(_tree.Root);
        var preparation = ImagePreparation.Square(12, 16) with { Resampling = Resampling.Bicubic };
        var sets = new[] { 1, 2, 5, 0 }.Select(threads => ImageFolder.Load(listing, "set", preparation, threads: threads)).ToArray();
        Assert.Equal((45, 12, 12), (sets[0].Count, sets[0].Height, sets[0].Width));
        Assert.Single(sets.Select(set => set.ContentHash).Distinct());

        for (var i = 0; i < listing.Images.Count; i++)
        {
            var picture = ImageFile.Read(_tree.Path(listing.Images[i].Path), 3);
            var expected = Cropping.CropCentre(Cropping.ResizeShorterSide(picture, 16, Resampling.Bicubic), 12, 12);
            for (var c = 0; c < 3; c++)
                Assert.Equal(expected.Pixels.Where((_, at) => at % 3 == c), sets[0].Image(i).Slice(c * 144, 144).ToArray());
        }
    }

    [Fact]
    public void The_first_image_that_cannot_be_read_is_told()
    {
        for (var i = 0; i < 30; i++)
            _tree.WritePng($"{i:D2}.png", (byte)i);
        var listing = ImageListing.FromFolder(_tree.Root);
        _tree.Write("25.png", [1, 2, 3]);
        _tree.Write("17.png", File.ReadAllBytes(_tree.Path("18.png"))[..50]);
        for (var threads = 1; threads < 4; threads++)
        {
            var error = Assert.Throws<DataException>(() => ImageFolder.Load(listing, "a", threads: threads));
            Assert.StartsWith(_tree.Path("17.png") + ": truncated", error.Message, StringComparison.Ordinal);
        }

        File.Delete(_tree.Path("03.png"));
        Assert.Contains("03.png: not found", Assert.Throws<DataException>(() => ImageFolder.Load(listing, "a")).Message, StringComparison.Ordinal);
        Assert.Contains("03.png: not found", Assert.Throws<DataException>(() => ImageFolder.Load(listing, "a", cache: new ImageSetCache(_tree.Path("cache")))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sizes_that_differ_need_a_setting()
    {
        _tree.WritePng("a.png", 1, 4, 4);
        _tree.WritePng("b.png", 1, 4, 5);
        var listing = ImageListing.FromFolder(_tree.Root);
        var error = Assert.Throws<DataException>(() => ImageFolder.Load(listing, "a"));
        Assert.Equal($"{_tree.Path("b.png")}: is 4×5, but {_tree.Path("a.png")} is 4×4; name a size that all are brought to.", error.Message);
        Assert.Throws<DataException>(() => ImageFolder.Load(listing, "a", new ImagePreparation { ShorterSide = 8 }));
        Assert.Equal(2, ImageFolder.Load(listing, "a", ImagePreparation.Square(8)).Count);
    }

    [Fact]
    public void What_cannot_be_done_is_refused_in_words()
    {
        _tree.WritePng("a.png", 1, 40_000, 1);
        var listing = ImageListing.FromFolder(_tree.Root);
        Assert.Contains("too narrow", Assert.Throws<DataException>(() => ImageFolder.Load(listing, "a", ImagePreparation.Square(224))).Message, StringComparison.Ordinal);
        foreach (var settings in new[] { new ImagePreparation { Channels = 2 }, new() { ShorterSide = 0 }, new() { Crop = -1 }, new() { Resampling = (Resampling)7 } })
            Assert.Throws<ArgumentOutOfRangeException>(() => ImageFolder.Load(listing, "a", settings));
        Assert.Throws<OperationCanceledException>(() => ImageFolder.Load(listing, "a", cancellation: new CancellationToken(canceled: true)));

        File.WriteAllText(_tree.Path("list.txt"), string.Concat(Enumerable.Repeat("a.png -1\n", 20)));
        var error = Assert.Throws<DataException>(() => ImageFolder.Load(ImageListing.FromList(_tree.Path("list.txt"), _tree.Root), "a", new ImagePreparation { Crop = 6000 }));
        Assert.StartsWith(_tree.Path("list.txt") + ": 20 images of 3×6000×6000 need 2.2 GB", error.Message, StringComparison.Ordinal);
    }
}
