using Sio.Data;

namespace Sio.Tests.Data;

public sealed class IdxFolderTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Loads_a_split_raw_or_gzipped(bool gzipped)
    {
        using var folder = new TempFolder();
        Put(folder, "t10k-images-idx3-ubyte", IdxFiles.Images(3, 2, 2), gzipped);
        Put(folder, "t10k-labels-idx1-ubyte", IdxFiles.Labels(7, 0, 9), gzipped);
        var set = Mnist.Load(Split.Test, folder.Path);
        Assert.Equal(("mnist", 3, 1, 2, 2, 10), (set.Name, set.Count, set.Channels, set.Height, set.Width, set.ClassCount));
        Assert.Equal([7, 0, 9], set.Labels);
        var error = Assert.Throws<DataException>(() => Mnist.Load(Split.Train, folder.Path));
        Assert.Contains("train-images-idx3-ubyte: not found", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_what_does_not_fit()
    {
        using var folder = new TempFolder();
        Refused("no such folder", folder.File("no"));
        Put(folder, "t10k-images-idx3-ubyte", IdxFiles.Images(2, 2, 2), false);
        Refused("t10k-labels-idx1-ubyte: not found, nor t10k-labels-idx1-ubyte.gz", folder.Path);
        Put(folder, "t10k-labels-idx1-ubyte", IdxFiles.Labels(1, 2, 3), false);
        Refused("holds 3 labels, 2 were expected", folder.Path);
        Put(folder, "t10k-labels-idx1-ubyte", IdxFiles.Labels(1, 10), false);
        Refused("label 10 of image 1 is out of range, 0..9 was expected", folder.Path);

        static void Refused(string expected, string path) =>
            Assert.Contains(expected, Assert.Throws<DataException>(() => Mnist.Load(Split.Test, path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Loads_fashion_mnist_as_debian_packages_it()
    {
        // Its files are gzipped and have the publishers' names; their images are those that ship.
        using var folder = new TempFolder();
        var shipped = FashionMnist.LoadShipped(Split.Test);
        Put(folder, "t10k-images-idx3-ubyte", IdxFiles.Images(shipped.Count, 28, 28, i => shipped.Pixels[i]), true);
        Put(folder, "t10k-labels-idx1-ubyte", IdxFiles.Labels(Array.ConvertAll(shipped.Labels, label => (byte)label)), true);
        var test = FashionMnist.Load(Split.Test, folder.Path);
        Assert.Equal((10_000, 1, 28, 28), (test.Count, test.Channels, test.Height, test.Width));
        Assert.All(test.CountPerClass(), n => Assert.Equal(1000, n));
        Assert.Equal("ankle boot", test.ClassNames![test.Labels[0]]);
        Assert.Equal(shipped.ContentHash, test.ContentHash);
    }

    private static void Put(TempFolder folder, string name, byte[] content, bool gzipped) =>
        folder.Write(gzipped ? name + ".gz" : name, gzipped ? IdxFiles.Gzip(content) : content);
}
