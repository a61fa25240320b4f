using Sio.Data;
using Sio.Tests.Data.Images;

namespace Sio.Tests.Data;

/// <summary>Synthetic images in class folders: what they are labelled by, and what becomes of other sizes.</summary>
public sealed class ClassFoldersTests : IDisposable
{
    private readonly ImageTree _tree = new();
    private readonly List<string> _told = [];

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void Folders_named_after_classes_have_their_labels_in_whatever_order()
    {
        Write("Pear", "apple", "fig");
        var set = Load(Real("fig", "apple", "pear"));
        Assert.Equal([2, 1, 0], set.Labels);
        Assert.Equal([10, 20, 30], Enumerable.Range(0, 3).Select(i => (int)set.Image(i)[0]));
        Assert.Equal(["fig", "apple", "pear"], set.ClassNames);
        Assert.Empty(_told);
        // Some classes alone will do.
        Directory.Delete(_tree.Path("apple"), recursive: true);
        Assert.Equal([2, 0], Load(Real("fig", "apple", "pear")).Labels);
    }

    [Fact]
    public void Folders_named_after_class_numbers_have_these_labels()
    {
        Write("10", "02", "1");
        Assert.Equal([(1, 30), (2, 20), (10, 10)], Labelled(Load(Real(11))));
        // The numbers that a set of chosen classes goes by.
        Assert.Equal([(0, 30), (1, 20), (2, 10)], Labelled(Load(Real(3), [1, 2, 10])));
        Assert.Empty(_told);
    }

    // As the authors' BigGAN images for ImageNet-10 lie: folders of ImageNet's class numbers, for classes 0 to 9.
    [Fact]
    public void Other_names_are_taken_in_order_and_that_is_told()
    {
        Write("207", "31", "1000");
        var set = Load(Real("n1", "n2", "n3"));
        Assert.Equal([(0, 20), (1, 10), (2, 30)], Labelled(set));
        Assert.Contains("taken in order, 31 as 0 (n1), 207 as 1 (n2), 1000 as 2 (n3)", Assert.Single(_told), StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_fit_nothing_are_refused_with_what_was_expected()
    {
        Write("fig", "aple", "pear");
        Assert.Contains("the class folder 'aple' is no class of 'real', though others are: fig, apple, pear were expected", Refused(Real("fig", "apple", "pear")), StringComparison.Ordinal);
        Assert.Contains("has 3 class folders (aple, fig, pear); of 'real', class numbers (0, 1) or one folder for each of its 2 classes in order were expected", Refused(Real(2)), StringComparison.Ordinal);
        Assert.Contains("class names (a, b, c, d, e, …), class numbers (0, 1, 2, 3, 4, …)", Refused(Real("a", "b", "c", "d", "e", "f")), StringComparison.Ordinal);
        Directory.Delete(_tree.Path("fig"), recursive: true);
        Directory.CreateDirectory(_tree.Path("fig"));
        Assert.Contains("this class folder has no images (.jpg, .jpeg, .png, .webp, .gif or .bmp)", Refused(Real("fig", "apple", "pear")), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_sizes_are_brought_to_the_real_sets_and_that_is_told()
    {
        Write("0");
        _tree.WritePng("1/b.png", 50, 16, 9, channels: 1);
        var set = Load(Real(2));
        Assert.Equal((2, 3, 4, 4), (set.Count, set.Channels, set.Height, set.Width));
        Assert.All(set.Image(1).ToArray(), value => Assert.Equal(50, value));
        Assert.Contains("1/b.png is of 1×9×16 (channels×height×width); all images are made 3×4×4, as in 'real'", Assert.Single(_told), StringComparison.Ordinal);
        Assert.Contains("name a size", Assert.Throws<DataException>(() => SyntheticSet.Load(_tree.Root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_real_set_folders_are_numbered_in_order_and_keep_their_names()
    {
        Write("b", "a");
        var set = SyntheticSet.Load(_tree.Root);
        Assert.Equal([(0, 20), (1, 10)], Labelled(set));
        Assert.Equal(["a", "b"], set.ClassNames);
        Assert.Equal(3, set.Channels);
        using var grey = new ImageTree();
        grey.WritePng("10/a.png", 1, channels: 1);
        grey.WritePng("9/a.png", 2, channels: 1);
        set = SyntheticSet.Load(grey.Root);
        Assert.Equal(1, set.Channels);
        Assert.Equal(["9", "10"], set.ClassNames);
        Assert.Equal([(0, 2), (1, 1)], Labelled(set));
    }

    // Class folders in the order given, one image each, of values 10, 20, 30.
    private void Write(params string[] folders)
    {
        for (var i = 0; i < folders.Length; i++)
            _tree.WritePng($"{folders[i]}/a.png", (byte)(10 * (i + 1)));
    }

    private ImageSet Load(ImageSet real, IReadOnlyList<int>? numbers = null)
    {
        var set = SyntheticSet.Load(_tree.Root, real, numbers, _told.Add);
        var order = Enumerable.Range(0, set.Count).OrderBy(i => set.Image(i)[0]).ToArray();
        return set.Select(order);
    }

    private string Refused(ImageSet real) => Assert.Throws<DataException>(() => Load(real)).Message;

    private static (int Label, int Value)[] Labelled(ImageSet set) => [.. Enumerable.Range(0, set.Count).Select(i => (set.Labels[i], (int)set.Image(i)[0])).Order()];

    private static ImageSet Real(params string[] names) => new("real", new byte[48], [0], 3, 4, 4, names.Length, names);

    private static ImageSet Real(int classes) => new("real", new byte[48], [0], 3, 4, 4, classes);
}
