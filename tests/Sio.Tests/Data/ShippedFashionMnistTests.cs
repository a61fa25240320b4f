using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Sio.Data;
using Sio.Data.Images;

namespace Sio.Tests.Data;

/// <summary>What ships of Fashion-MNIST, and the digits: the very images of their publishers, and none in another's place.</summary>
public sealed class ShippedFashionMnistTests
{
    private static readonly Lazy<ImageSet> s_train = new(() => FashionMnist.LoadShipped(Split.Train));

    private static ImageSet Six => s_train.Value.KeepClasses(ShippedSets.FashionMnist6Labels, "six");

    /// <summary>Draws, and the hash that each has when it is made from all 60,000 images.</summary>
    public static TheoryData<string, string> Draws => new()
    {
        { "quickstart", "47352bd795ca754fdbb65e0b1b49a8f8f254ec4990ba3a4f0b05972591f7a212" },
        { "validation", "67fda7d64b2ae1186d150d2de540b6c4148d6ca86d67f705fdd3bbee9488138e" },
        { "six", "a699689f10dc176e6fe40e87ce4024a6f66f72a6d0d95d122fe82cd0e114efde" },
        { "ten", "14195b08826b07d838da1ed269d9733c8bfa1643e1a448cdc1af3df6ca757ee3" },
        { "fewer", "25039c14eba59a6de5cf0c262e54726bf7e7892dd849ac316d38d006ed68df0c" },
    };

    [Theory]
    [MemberData(nameof(Draws))]
    public void Draws_are_those_of_the_whole_set(string draw, string hash)
    {
        var set = draw switch
        {
            "quickstart" => Six.Take(500, seed: 0),
            "validation" => Six.TakeRest(500, seed: 0).Take(1000, seed: 0),
            "six" => Six.Take(1800, seed: 1),
            "ten" => s_train.Value.Take(2000, seed: 1),
            _ => s_train.Value.Take(1600, seed: 1),
        };
        Assert.Equal(hash, set.ContentHash);
        Assert.False(set.IsStreamed);
        Assert.Same(set, set.AllThere());
    }

    [Fact]
    public void Smaller_draws_of_the_same_seed_are_there()
    {
        Assert.All([1, 60, 499], count => Assert.False(Six.Take(count, seed: 0).IsStreamed));
        Assert.All([300, 1799], count => Assert.False(Six.Take(count, seed: 1).IsStreamed));
    }

    [Fact]
    public void The_test_images_are_all_there()
    {
        var test = FashionMnist.LoadShipped(Split.Test);
        Assert.Equal("2e3bf01750e89086cb358c4243c2c1bc6e73cf56697fc96c6c28617c5ecc0ef6", test.ContentHash);
        Assert.Equal((10_000, 10, "ankle boot"), (test.Count, test.ClassCount, test.ClassNames![test.Labels[0]]));
    }

    [Fact]
    public void An_image_that_does_not_ship_is_an_error_that_says_how_to_get_it()
    {
        Assert.Equal((60_000, 6000), (s_train.Value.Count, s_train.Value.CountPerClass()[9]));
        var other = Six.Take(2000, seed: 0);
        Told(() => other.AllThere(), "six: ", " of its 2000 images do not ship");
        Told(() => other.ToMemory(), "Fashion-MNIST's training set: 1 of its 1 images");
        Told(() => s_train.Value.AllThere(), "fashion-mnist: 54896 of its 60000 images do not ship", "has 5104 of the 60000 images");
        var absent = Enumerable.Range(0, other.Count).First(i => other.Select([i]).IsStreamed);
        Told(() => other.CopyImage(absent, new byte[784]));
        Told(() => other.CopyCrop(absent, new RandomResizedCrop(), RandomStream.For(1, "crop"), new byte[784]));

        static void Told(Action act, params string[] parts)
        {
            var message = Assert.Throws<DataException>(act).Message;
            foreach (var part in (string[])[.. parts, "'sio data fetch fashion-mnist'", "dataset-fashion-mnist"])
                Assert.Contains(part, message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Parts_of_images_that_ship_are_cut_as_those_in_memory_are()
    {
        var drawn = Six.Take(500, seed: 0);
        var all = Six;
        var place = Enumerable.Range(0, all.Count).First(i => !all.Select([i]).IsStreamed && all.Image(i).SequenceEqual(drawn.Image(0)));
        var (own, expected) = (new byte[784], new byte[784]);
        all.CopyCrop(place, new RandomResizedCrop(), RandomStream.For(1, "crop"), own);
        drawn.CopyCrop(0, new RandomResizedCrop(), RandomStream.For(1, "crop"), expected);
        Assert.Equal(expected, own);
        Assert.NotEqual(drawn.Image(0).ToArray(), own);
    }

    [Theory]
    [InlineData(new[] { 0, 0 }, "place 0 is given twice")]
    [InlineData(new[] { 0, 3 }, "place 3")]
    [InlineData(new[] { -1, 0 }, "place -1")]
    [InlineData(new[] { 0 }, "1 places for 2 images")]
    public void Places_that_make_no_sense_are_refused(int[] places, string expected)
    {
        var error = Assert.Throws<DataException>(() => new PartialSource("some set", "ask", new byte[8], places, 3, new ImageSize(1, 2, 2)));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fashion-mnist-test", "fashion-mnist", "images", "labels")]
    [InlineData("fashion-mnist-train-part", "fashion-mnist", "images", "indices", "all_labels")]
    [InlineData("optdigits", "optdigits", "images", "labels")]
    public void The_files_are_what_their_provenance_says(string name, string page, params string[] arrays)
    {
        var path = ShippedSets.Find(name);
        Assert.True(new FileInfo(path).Length < 5_000_000);
        var provenance = File.ReadAllText(Path.Combine(Path.GetDirectoryName(path)!, page + ".provenance.md"));
        Assert.Contains("Licence", provenance, StringComparison.Ordinal);
        Assert.Contains(Hash(File.ReadAllBytes(path)), provenance, StringComparison.Ordinal);
        var read = Npz.Read(path);
        Assert.Equal(arrays.Order(), read.Keys.Order());
        foreach (var array in arrays)
        {
            var bytes = read[array].Type == NpyType.Int32
                ? MemoryMarshal.AsBytes<int>(read[array].Elements<int>()).ToArray()
                : read[array].Elements<byte>();
            Assert.Contains(Hash(bytes), provenance, StringComparison.Ordinal);
        }
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
