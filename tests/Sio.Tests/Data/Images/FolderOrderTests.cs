using Sio.Data;
using Sio.Data.Images;

namespace Sio.Tests.Data.Images;

/// <summary>Class folders that are numbers are classes by their value, wherever they meet labels.</summary>
public sealed class FolderOrderTests : IDisposable
{
    private readonly ImageTree _tree = new();
    private readonly List<string> _told = [];

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData("0 1 10 2", "0 1 2 10")]
    [InlineData("010 2 1", "1 2 010")]
    [InlineData("10 2 a", "10 2 a")]
    [InlineData("-1 10 2", "-1 10 2")]
    [InlineData("99999999999999999999 2", "2 99999999999999999999")]
    public void Whole_numbers_go_by_value_and_others_by_their_characters(string names, string expected) =>
        Assert.Equal(expected.Split(' '), FolderNames.Ordered(names.Split(' ')));

    [Fact]
    public void A_real_set_of_eleven_numbered_folders_has_class_10_last()
    {
        Folders(Enumerable.Range(0, 11).Select(i => $"{i}"));
        var listing = ImageListing.FromClassFolders(_tree.Root);
        Assert.Equal("10", listing.ClassNames![10]);
        Assert.Equal(10, listing.Images.Single(image => image.Path == "10/a.png").Label);
        Assert.Equal(2, listing.Images.Single(image => image.Path == "2/a.png").Label);
    }

    [Fact]
    public void Folders_of_two_sets_are_compared_as_numbers()
    {
        Folders(["1", "2", "11"]);
        var real = ImageSets.Open(ImageListing.FromClassFolders(_tree.Root), "real");
        using var other = new ImageTree();
        foreach (var name in new[] { "011", "01", "02" })
            other.WritePng($"{name}/a.png", (byte)int.Parse(name, System.Globalization.CultureInfo.InvariantCulture));
        var matched = SyntheticSet.Load(other.Root, real, labelMap: null, _told.Add);
        Assert.Equal([0, 1, 2], matched.Labels);
        Assert.Equal([1, 2, 11], Enumerable.Range(0, 3).Select(i => (int)matched.Image(i)[0]));
        Assert.Empty(_told);
    }

    [Fact]
    public void Labels_beside_folders_that_begin_at_1_are_told_how_they_were_taken()
    {
        Folders(Enumerable.Range(1, 11).Select(i => $"{i}"));
        var real = ImageSets.Open(ImageListing.FromClassFolders(_tree.Root), "real");
        Assert.Equal([0, 10], SyntheticSet.Match(Labelled(0, 10), real, "x.npz", tell: _told.Add).Labels);
        Assert.Contains("label 0 is taken for the folder 1, the first", Assert.Single(_told), StringComparison.Ordinal);
        _told.Clear();
        Assert.Equal([0, 10], SyntheticSet.Match(Labelled(1, 11), real, "x.npz", tell: _told.Add).Labels);
        Assert.Contains("label 1 is taken for the folder 1", Assert.Single(_told), StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_beside_folders_from_0_are_taken_without_a_word()
    {
        Folders(Enumerable.Range(0, 100).Select(i => $"{i}"));
        var real = ImageSets.Open(ImageListing.FromClassFolders(_tree.Root), "cifar100");
        Assert.Equal([2, 10, 99], SyntheticSet.Match(Labelled(2, 10, 99), real, "labels.npy", tell: _told.Add).Labels);
        Assert.Empty(_told);
        Assert.Equal(10, real.Labels[Enumerable.Range(0, 100).Single(i => real.Image(i)[0] == 10)]);
    }

    private void Folders(IEnumerable<string> names)
    {
        foreach (var name in names)
            _tree.WritePng($"{name}/a.png", (byte)int.Parse(name, System.Globalization.CultureInfo.InvariantCulture));
    }

    private static ImageSet Labelled(params int[] labels) => new("arrays", new byte[labels.Length * 48], labels, 3, 4, 4, labels.Max() + 1);
}
