using Sio.Data;
using Sio.Data.Images;

namespace Sio.Tests.Data.Images;

/// <summary>Image lists as people and other programs write them.</summary>
public sealed class ImageListFormsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mine/0.png 3", "mine/0.png", 3)]
    [InlineData("mine\\a b\\0.png 3", "mine/a b/0.png", 3)]
    [InlineData("\"mine/0.png\" 3", "mine/0.png", 3)]
    [InlineData("'mine\\0.png'\t3", "mine/0.png", 3)]
    [InlineData("mine/0.png {'label': 3}", "mine/0.png", 3)]
    [InlineData("mine/a b.png {\"soft\": [0.1, 0.9], \"label\": -1, \"id\": 7}", "mine/a b.png", -1)]
    [InlineData("mine/0.png", "mine/0.png", -1)]
    [InlineData("mine/my picture.png", "mine/my picture.png", -1)]
    public void A_line_gives_its_path_and_label(string line, string path, int label)
    {
        var listing = Read(line);
        Assert.Equal([new ListedImage(path, label)], listing.Images);
        Assert.Equal(label + 1, listing.ClassCount);
        Assert.Empty(listing.Notes);
    }

    [Fact]
    public void A_list_has_labels_on_all_lines_or_on_none()
    {
        Assert.Contains("line 2 is 'b.png', a path, a blank and a label were expected, as in the lines before", Refused("a.png 0", "b.png"), StringComparison.Ordinal);
        Assert.Contains("line 3 is 'c.png 1', with a label, and the lines before have none", Refused("a.png", "b.png", "c.png 1"), StringComparison.Ordinal);
    }

    [Fact]
    public void Images_that_are_named_twice_are_counted() =>
        Assert.Contains("names 3 images more than once, which count as often; the first is 'a.png'", Assert.Single(Read("a.png 0", "b.png 1", "a.png 0", "a.png 0", "b.png 1").Notes), StringComparison.Ordinal);

    private ImageListing Read(params string[] lines)
    {
        File.WriteAllLines(_folder.File("list.txt"), lines);
        return ImageListing.FromList(_folder.File("list.txt"), _folder.Path, labelled: false);
    }

    private string Refused(params string[] lines) => Assert.Throws<DataException>(() => Read(lines)).Message;
}
