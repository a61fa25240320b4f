using Sio.Data;
using Sio.Data.Images;

namespace Sio.Tests.Data.Images;

/// <summary>Which files make a set, and their labels. Nothing is decoded here, so the files are empty.</summary>
public sealed class ImageListingTests : IDisposable
{
    private readonly ImageTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void Class_folders_are_numbered_in_the_order_of_their_names()
    {
        Empty("dog/b.png", "dog/a.JPEG", "dog/deep/c.jpg", "Cat/10.png", "Cat/9.png", "cat 2/x.png", "notes.txt", "lone.png", ".git/x.png", "dog/._b.png", "dog/Thumbs.db");
        var listing = ImageListing.FromClassFolders(_tree.Root);
        Assert.Equal(["Cat", "cat 2", "dog"], listing.ClassNames);
        Assert.Equal(3, listing.ClassCount);
        ListedImage[] expected = [new("Cat/10.png", 0), new("Cat/9.png", 0), new("cat 2/x.png", 1), new("dog/a.JPEG", 2), new("dog/b.png", 2), new("dog/deep/c.jpg", 2)];
        Assert.Equal(expected, listing.Images);
    }

    [Fact]
    public void A_mapping_chooses_folders_and_numbers_them()
    {
        Empty("n03/a.png", "n01/a.png", "n02/a.png");
        var listing = ImageListing.FromClassFolders(_tree.Root, new Dictionary<string, int> { ["n03"] = 0, ["n01"] = 1 });
        Assert.Equal(["n03", "n01"], listing.ClassNames);
        Assert.Equal([new("n01/a.png", 1), new("n03/a.png", 0)], listing.Images);

        var merged = ImageListing.FromClassFolders(_tree.Root, new Dictionary<string, int> { ["n03"] = 4, ["n01"] = 4, ["n02"] = -1 });
        Assert.Equal((5, null), (merged.ClassCount, merged.ClassNames));
        Assert.Equal([4, -1, 4], merged.Images.Select(image => image.Label));

        Refused(() => ImageListing.FromClassFolders(_tree.Root, new Dictionary<string, int> { ["n04"] = 0 }), _tree.Root, "has no class folder 'n04'");
        Refused(() => ImageListing.FromClassFolders(_tree.Root, new Dictionary<string, int> { ["n01"] = -2 }), _tree.Root, "label -2 of class folder 'n01'");
    }

    [Fact]
    public void A_folder_without_classes_is_out_of_distribution()
    {
        Empty("b.png", "a/z.jpg", "a.jpg");
        var listing = ImageListing.FromFolder(_tree.Root);
        Assert.Equal([new("a.jpg", -1), new("b.png", -1), new("a/z.jpg", -1)], listing.Images);
        Assert.Equal((0, null), (listing.ClassCount, listing.ClassNames));
    }

    [Fact]
    public void Images_of_all_formats_are_listed()
    {
        Empty("a.jpg", "b.jpeg", "c.png", "d.webp", "e.gif", "f.bmp", "g.GIF", "h.webp.txt");
        Assert.Equal(
            ["a.jpg", "b.jpeg", "c.png", "d.webp", "e.gif", "f.bmp", "g.GIF"], ImageListing.FromFolder(_tree.Root).Images.Select(image => image.Path));
    }

    [Fact]
    public void Folders_that_hold_no_images_are_refused()
    {
        Refused(() => ImageListing.FromFolder(_tree.Path("none")), _tree.Path("none"), "not found, a folder was expected");
        Refused(() => ImageListing.FromClassFolders(_tree.Root), _tree.Root, "has no class folders");
        Refused(() => ImageListing.FromFolder(_tree.Root), _tree.Root, "has no images");
        Empty("cat/a.png", "dog/readme.txt");
        Refused(() => ImageListing.FromClassFolders(_tree.Root), _tree.Path("dog"), "this class folder has no images");
        Refused(() => ImageListing.FromFolder(_tree.Path("cat/a.png")), _tree.Path("cat/a.png"), "is a file, a folder was expected");
        Empty("dog/b.tif");
        Refused(() => ImageListing.FromClassFolders(_tree.Root), _tree.Path("dog/b.tif"), "is an image of a format that is not read");
    }

    [Fact]
    public void OpenOODs_lists_are_read_as_they_are()
    {
        var listing = FromList("cifar10/test/airplane/0001.png 0\r\n\n  with blanks in it/a b.png 7\ntexture/x.jpg -1\ntab/y.jpg\t3");
        ListedImage[] expected = [new("cifar10/test/airplane/0001.png", 0), new("with blanks in it/a b.png", 7), new("texture/x.jpg", -1), new("tab/y.jpg", 3)];
        Assert.Equal(expected, listing.Images);
        Assert.Equal(8, listing.ClassCount);
        Assert.Equal(0, FromList("a.png -1").ClassCount);
        Assert.Equal(10, FromList("a.png -1\nb.png 9", 10).ClassCount);
    }

    [Theory]
    [InlineData("a.png 0\nb.png 10", 10, "line 2 has the label 10, -1 to 9 was expected")]
    [InlineData("a.png -2", null, "line 1 has the label -2")]
    [InlineData("a.png 99999999", null, "line 1 has the label 99999999")]
    [InlineData("a.png", null, "line 1 is 'a.png', a path, a blank and a label were expected")]
    [InlineData("a.png one", null, "line 1 is 'a.png one'")]
    [InlineData("<html> <body> Not found", null, "line 1 is")]
    [InlineData("../b.png 0", null, "a path below the root was expected")]
    [InlineData("/etc/b.png 0", null, "a path below the root was expected")]
    [InlineData("\n \n", null, "names no images")]
    public void Lines_that_make_no_sense_are_refused(string text, int? classes, string because) =>
        Refused(() => FromList(text, classes), _tree.Path("list.txt"), because);

    private ImageListing FromList(string text, int? classes = null)
    {
        File.WriteAllText(_tree.Path("list.txt"), text);
        return ImageListing.FromList(_tree.Path("list.txt"), _tree.Root, classes);
    }

    private void Empty(params string[] paths)
    {
        foreach (var path in paths)
            _tree.Write(path, []);
    }

    private static void Refused(Action read, string path, string because)
    {
        var error = Assert.Throws<DataException>(read);
        Assert.StartsWith(path + ": ", error.Message, StringComparison.Ordinal);
        Assert.Contains(because, error.Message, StringComparison.Ordinal);
    }
}
