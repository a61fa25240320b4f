using Sio.Data;
using Sio.Generation;

namespace Sio.Tests.Data;

public sealed class SyntheticSetTests
{
    private static readonly NpyArray TwoColourImages = NpyArray.Create<byte>([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 2, 1, 2, 3);

    [Fact]
    public void Loads_a_folder_and_an_npz_alike()
    {
        using var folder = new TempFolder();
        var path = Folder(folder, TwoColourImages, NpyArray.Create<int>([5, 0]));
        var set = SyntheticSet.Load(path);
        Assert.Equal(("set", 2, 3, 1, 2, 6), (set.Name, set.Count, set.Channels, set.Height, set.Width, set.ClassCount));
        // From pixel by pixel to channel by channel.
        Assert.Equal([1, 4, 2, 5, 3, 6, 7, 10, 8, 11, 9, 12], set.Pixels);
        Assert.Equal([5, 0], set.Labels);
        Assert.Equal("set", SyntheticSet.Load(path + "/").Name);

        var npz = folder.File("packed.npz");
        Npz.Write(npz, ("images", TwoColourImages), ("labels", NpyArray.Create<ushort>([5, 0])));
        Assert.Equal(set.ContentHash, SyntheticSet.Load(npz).ContentHash);
    }

    [Fact]
    public void Images_and_labels_under_each_other_s_names_are_told_apart()
    {
        using var folder = new TempFolder();
        var labels = NpyArray.Create<long>([5, 0]);
        var right = SyntheticSet.Load(Folder(folder, TwoColourImages, labels));
        using var other = new TempFolder();
        Assert.Equal(right.ContentHash, SyntheticSet.Load(Folder(other, labels, TwoColourImages)).ContentHash);
    }

    // The files of SIO's Google Drive folder have no names that say which is which.
    [Fact]
    public void A_pair_of_arrays_may_have_any_names()
    {
        using var folder = new TempFolder();
        var right = SyntheticSet.Load(Folder(folder, TwoColourImages, NpyArray.Create<long>([5, 0])));
        using var other = new TempFolder();
        Npy.Write(other.File("1qMmExpJMm15p7c7Oif.npy"), NpyArray.Create<long>([5, 0]));
        Npy.Write(other.File("1xUWwFVPBT9GVfBQ1W4.npy"), TwoColourImages);
        Assert.Equal(right.ContentHash, SyntheticSet.Load(other.Path).ContentHash);
        Npy.Write(other.File("a third.npy"), TwoColourImages);
        Assert.Contains("holds 3 .npy files", Assert.Throws<DataException>(() => SyntheticSet.Load(other.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Grey_images_need_no_channel_dimension()
    {
        using var folder = new TempFolder();
        var set = SyntheticSet.Load(Folder(folder, NpyArray.Create<byte>([1, 2, 3, 4], 1, 2, 2), NpyArray.Create<long>([0])));
        Assert.Equal((1, 2, 2), (set.Channels, set.Height, set.Width));
        Assert.Equal([1, 2, 3, 4], set.Pixels);
    }

    [Fact]
    public void Refuses_other_types_shapes_counts_and_labels()
    {
        var labels = NpyArray.Create<long>([0, 1]);
        Refused("images.npy: is (2, 1, 2, 3) of f4", NpyArray.Create(new float[12], 2, 1, 2, 3), labels);
        Refused("images.npy: is (12,) of u1", NpyArray.Create(new byte[12]), labels);
        Refused("images.npy: is (0, 28, 28, 1), which holds no images", NpyArray.Create<byte>([], 0, 28, 28, 1), NpyArray.Create<long>([]));
        Refused("images.npy: is (2, 0, 28), which holds no images", NpyArray.Create<byte>([], 2, 0, 28), labels);
        Refused("labels.npy: holds elements of type f8, integers were expected", TwoColourImages, NpyArray.Create([0.0, 1]));
        Refused("labels.npy: has shape (2, 1)", TwoColourImages, NpyArray.Create([0L, 1], 2, 1));
        Refused("labels.npy: holds 3 labels, 2 were expected", TwoColourImages, NpyArray.Create([0L, 1, 2]));
        Refused("labels.npy: label -1 of image 1 is out of range", TwoColourImages, NpyArray.Create([0, -1]));
        Refused("labels.npy: label 4294967296 of image 0", TwoColourImages, NpyArray.Create([1L << 32, 0]));

        static void Refused(string expected, NpyArray images, NpyArray labels)
        {
            using var folder = new TempFolder();
            var path = Folder(folder, images, labels);
            Assert.Contains(expected, Assert.Throws<DataException>(() => SyntheticSet.Load(path)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Says_what_is_missing()
    {
        using var folder = new TempFolder();
        Refused("not found, a folder with images.npy and labels.npy, a folder with a folder per class, or an .npz was expected", folder.File("no"));
        Refused("holds 0 .npy files and no images.npy; images.npy and labels.npy, two .npy files (images and their labels), or a folder with images (.jpg, .jpeg, .png, .webp, .gif or .bmp) for each class were expected", folder.Path);
        Npy.Write(folder.File("labels.npy"), NpyArray.Create<long>([0]));
        Refused("images.npy: not found", folder.Path);
        Refused("is one array, and images and labels are two", folder.File("labels.npy"));
        Npz.Write(folder.File("x.npz"), ("images", TwoColourImages));
        Refused("has no array 'labels'", folder.File("x.npz"));
        folder.Write("y.npz", [1, 2, 3]);
        Refused("not a complete, undamaged .npz", folder.File("y.npz"));

        static void Refused(string expected, string path) =>
            Assert.Contains(expected, Assert.Throws<DataException>(() => SyntheticSet.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Is_matched_to_the_real_set()
    {
        using var folder = new TempFolder();
        var path = Folder(folder, TwoColourImages, NpyArray.Create([5, 0]));
        var real = new ImageSet("real", new byte[6], [0], 3, 1, 2, 2, ["T-shirt", "sandal"]);
        var set = SyntheticSet.Load(path, real, [0, 5]);
        Assert.Equal([1, 0], set.Labels);
        Assert.Equal((2, real.ClassNames), (set.ClassCount, set.ClassNames));

        Refused($"{path}: label 5 of image 0 is no class of 'real', 0, 1 were expected", () => SyntheticSet.Load(path, real));
        Refused("label 0 of image 1 is no class", () => SyntheticSet.Load(path, real, [4, 5]));
        var grey = new ImageSet("grey", new byte[4], [0], 1, 2, 2, 2);
        Refused($"{path}: holds images of 3×1×2 (channels×height×width), 1×2×2 was expected, as in 'grey'", () => SyntheticSet.Load(path, grey));
        Assert.Throws<ArgumentException>(() => SyntheticSet.Load(path, real, [0]));
        Assert.Throws<ArgumentException>(() => SyntheticSet.Load(path, real, [5, 5]));

        static void Refused(string expected, Action load) =>
            Assert.StartsWith(expected, Trim(Assert.Throws<DataException>(load).Message, expected), StringComparison.Ordinal);
        static string Trim(string message, string expected) => message[Math.Max(0, message.IndexOf(expected, StringComparison.Ordinal))..];
    }

    [Fact]
    public void The_shipped_set_is_what_its_provenance_says()
    {
        var path = ShippedSets.Find(ShippedSets.FashionMnist6);
        Assert.True(new FileInfo(path).Length < 6_000_000);
        var arrays = Npz.Read(path);
        var provenance = File.ReadAllText(Path.ChangeExtension(path, ".provenance.md"));
        Assert.Contains(Sha256(arrays["images"].Elements<byte>()), provenance, StringComparison.Ordinal);
        Assert.Contains(Sha256(System.Runtime.InteropServices.MemoryMarshal.AsBytes<long>(arrays["labels"].Elements<long>())), provenance, StringComparison.Ordinal);
        Assert.Contains(Sha256(File.ReadAllBytes(path)), provenance, StringComparison.Ordinal);

        // Reading with provenance checks the hashes that the generator wrote.
        Assert.Equal((9000, 1500), (SampledSet.Read(path).Provenance.Count, SampledSet.Read(path).Provenance.PerClass));

        var real = new ImageSet("fashion-mnist-6", new byte[28 * 28], [0], 1, 28, 28, 6);
        var set = SyntheticSet.Load(path, real, ShippedSets.FashionMnist6Labels);
        Assert.All(set.CountPerClass(), n => Assert.Equal(1500, n));
        Assert.Throws<DataException>(() => ShippedSets.Find("no-such-set"));
        Assert.Throws<DataException>(() => ShippedSets.Find(""));
    }

    private static string Sha256(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));

    private static string Folder(TempFolder folder, NpyArray images, NpyArray labels)
    {
        var path = folder.File("set");
        Directory.CreateDirectory(path);
        Npy.Write(Path.Combine(path, "images.npy"), images);
        Npy.Write(Path.Combine(path, "labels.npy"), labels);
        return path;
    }
}
