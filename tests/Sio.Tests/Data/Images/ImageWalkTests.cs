using Sio.Data;
using Sio.Data.Images;

namespace Sio.Tests.Data.Images;

/// <summary>Which files below a folder are images, and how often they count.</summary>
public sealed class ImageWalkTests : IDisposable
{
    private readonly ImageTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void Content_decides_where_the_ending_says_nothing()
    {
        _tree.WritePng("a.png", 1);
        File.Copy(_tree.Path("a.png"), _tree.Path("b.jfif"));
        File.Copy(_tree.Path("a.png"), _tree.Path("c.jpe"));
        File.Copy(_tree.Path("a.png"), _tree.Path("d"));
        File.WriteAllText(_tree.Path("README.md"), "these are images");
        File.WriteAllText(_tree.Path("empty"), "");
        var listing = ImageListing.FromFolder(_tree.Root);
        Assert.Equal(["a.png", "b.jfif", "c.jpe", "d"], listing.Images.Select(image => image.Path));
        var note = Assert.Single(listing.Notes);
        Assert.Contains("2 files were left out", note, StringComparison.Ordinal);
        Assert.EndsWith(_tree.Path("README.md"), note, StringComparison.Ordinal);
    }

    [Fact]
    public void A_set_that_is_opened_tells_what_was_left_out_once()
    {
        _tree.WritePng("cat/a.png", 1);
        _tree.WritePng("dog/a.png", 2);
        _tree.WritePng("lone.png", 3);
        List<string> told = [];
        var set = ImageSets.Open(ImageListing.FromClassFolders(_tree.Root), "pets", tell: told.Add);
        Assert.Equal(2, set.Count);
        Assert.Contains("1 file was left out", Assert.Single(told), StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_that_leads_back_is_named()
    {
        _tree.WritePng("cat/a.png", 1);
        Link("cat/again", _tree.Root);
        var error = Assert.Throws<DataException>(() => ImageListing.FromFolder(_tree.Root));
        Assert.StartsWith(_tree.Path(Path.Combine("cat", "again")), error.Message, StringComparison.Ordinal);
        Assert.Contains("remove the link", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_to_a_folder_of_the_set_is_named_and_one_to_another_place_is_walked()
    {
        _tree.WritePng("cat/a.png", 1);
        _tree.WritePng("dog/a.png", 2);
        using var elsewhere = new ImageTree();
        elsewhere.WritePng("x/b.png", 3);
        Link("dog/more", elsewhere.Path("x"));
        Assert.Equal(["cat/a.png", "dog/a.png", "dog/more/b.png"], ImageListing.FromClassFolders(_tree.Root).Images.Select(image => image.Path));
        Link("dog/cats", _tree.Path("cat"));
        Assert.Contains("same folder as", Assert.Throws<DataException>(() => ImageListing.FromClassFolders(_tree.Root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_walk_that_is_cancelled_stops()
    {
        _tree.WritePng("cat/a.png", 1);
        var stopped = new CancellationToken(canceled: true);
        Assert.Throws<OperationCanceledException>(() => ImageListing.FromFolder(_tree.Root, stopped));
        Assert.Throws<OperationCanceledException>(() => ImageListing.FromClassFolders(_tree.Root, cancellation: stopped));
    }

    [Fact]
    public void Pictures_are_looked_for_by_content_and_past_links_that_lead_back()
    {
        _tree.WritePng("a/b/x.png", 1);
        Link("a/again", _tree.Root);
        File.Move(_tree.Path("a/b/x.png"), _tree.Path("a/b/x"));
        Assert.True(new ImageWalk(_tree.Root).Any());
        File.WriteAllText(_tree.Path("a/b/x"), "no picture");
        Assert.False(new ImageWalk(_tree.Root).Any());
    }

    private void Link(string path, string target)
    {
        try
        {
            Directory.CreateSymbolicLink(_tree.Path(path), target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && OperatingSystem.IsWindows())
        {
            Assert.Skip("this account may not make links");
        }
    }
}
