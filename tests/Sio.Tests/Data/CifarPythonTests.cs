using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Sio.Data;
using Sio.Serialization;

namespace Sio.Tests.Data;

/// <summary>CIFAR's Python version. The batches are made by <c>Fixtures/readers/make_readers.py</c>: by numpy, and opcode by opcode as Python 2 wrote the official ones.</summary>
public sealed class CifarPythonTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("2")]
    [InlineData("p2")]
    [InlineData("p3")]
    [InlineData("p4")]
    public void Batches_of_every_Python_are_read(string version)
    {
        Directory.CreateDirectory(_folder.File("cifar-10-batches-py"));
        foreach (var name in new[] { "data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch" })
            File.Copy(Fixture($"cifar-python-{version}.pkl"), _folder.File($"cifar-10-batches-py/{name}"));
        var train = Cifar10.Load(Split.Train, _folder.Path);
        Assert.Equal((15, 3, 32, 32, 10), (train.Count, train.Channels, train.Height, train.Width, train.ClassCount));
        Assert.Equal([6, 9, 1, 6, 9, 1], train.Labels[..6]);
        for (var j = 0; j < 3072; j++)
            Assert.Equal((byte)((7 * 2) + (3 * j)), train.Image(5)[j]);
        Assert.Equal([6, 9, 1], Cifar10.Load(Split.Test, _folder.File("cifar-10-batches-py")).Labels);

        var archive = _folder.File("any name.tar.gz");
        using (var tar = new TarWriter(new GZipStream(File.Create(archive), CompressionLevel.Fastest)))
        {
            foreach (var file in Directory.GetFiles(_folder.File("cifar-10-batches-py")))
                tar.WriteEntry(file, "cifar-10-batches-py/" + Path.GetFileName(file));
        }

        Assert.Equal(train.ContentHash, Cifar10.Load(Split.Train, archive).ContentHash);
    }

    [Fact]
    public void Both_versions_give_the_same_set()
    {
        // The records of the binary version that hold what the fixture holds.
        var pickle = NumpyPickle.Read(File.ReadAllBytes(Fixture("cifar-python-2.pkl")));
        Assert.Equal(["batch_label", "labels", "data", "filenames"], pickle.Keys);
        var data = pickle.Array("data").Bytes;
        var records = pickle.Integers("labels").SelectMany((label, i) => new[] { (byte)label }.Concat(data.Slice(i * 3072, 3072).ToArray())).ToArray();
        File.WriteAllBytes(_folder.File("test_batch.bin"), records);
        var binary = Cifar10.Load(Split.Test, _folder.Path);
        File.Delete(_folder.File("test_batch.bin"));
        File.Copy(Fixture("cifar-python-2.pkl"), _folder.File("test_batch"));
        Assert.Equal(binary.ContentHash, Cifar10.Load(Split.Test, _folder.Path).ContentHash);
    }

    [Theory]
    [InlineData("evil", "posix.system, which is not allowed")]
    [InlineData("object", "elements of the type 'O8', which are no numbers|refused")]
    [InlineData("float", "'data' is <f4 (3, 8), |u1 (N, 3072) was expected")]
    public void Whatever_is_no_batch_is_refused_and_never_run(string kind, string expected)
    {
        File.Delete("/tmp/sio-evil-cifar");
        File.Copy(Fixture($"cifar-python-{kind}.pkl"), _folder.File("test_batch"));
        var message = Refused();
        Assert.Contains(_folder.File("test_batch"), message, StringComparison.Ordinal);
        Assert.True(expected.Contains('(', StringComparison.Ordinal) ? message.Contains(expected, StringComparison.Ordinal) : expected.Split('|').Any(part => message.Contains(part, StringComparison.Ordinal)), message);
        Assert.False(File.Exists("/tmp/sio-evil-cifar"));
    }

    [Fact]
    public void Labels_are_checked_and_cifar_100_takes_the_fine_ones()
    {
        var bytes = File.ReadAllBytes(Fixture("cifar-python-2.pkl"));
        var labels = bytes.AsSpan().IndexOf("K\u0006K\tK\u0001e"u8);
        bytes[labels + 3] = 10;
        File.WriteAllBytes(_folder.File("test_batch"), bytes);
        Assert.Contains("image 1 has the label 10, 0 to 9 was expected", Refused(), StringComparison.Ordinal);

        // The key "labels" becomes "fine_labels": one longer word, one longer count.
        var text = Encoding.Latin1.GetString(bytes).Replace("U\u0006labels", "U\u000bfine_labels", StringComparison.Ordinal);
        File.WriteAllBytes(_folder.File("test"), Encoding.Latin1.GetBytes(text));
        Assert.Equal([6, 10, 1], Cifar100.Load(Split.Test, _folder.Path).Labels);
    }

    [Fact]
    public void Damage_anywhere_is_one_clear_error()
    {
        var whole = File.ReadAllBytes(Fixture("cifar-python-2.pkl"));
        foreach (var length in Enumerable.Range(0, 200).Concat([whole.Length / 2, whole.Length - 40, whole.Length - 1]))
        {
            File.WriteAllBytes(_folder.File("test_batch"), whole[..length]);
            Assert.Contains("test_batch", Refused(), StringComparison.Ordinal);
        }

        var random = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            var damaged = whole.ToArray();
            // The pixels themselves are anyone's: damage is put around them.
            for (var i = 0; i < 2; i++)
            {
                var at = random.Next(400);
                damaged[at < 250 ? at : damaged.Length - 1 - (at - 250) / 3] = (byte)random.Next(256);
            }

            try
            {
                NumpyPickle.Read(damaged).Array("data");
            }
            catch (InvalidDataException)
            {
                // What damage must end in, if it shows at all.
            }
        }
    }

    private static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "readers", name);

    private string Refused() => Assert.Throws<DataException>(() => Cifar10.Load(Split.Test, _folder.Path)).Message;
}
