using System.Formats.Tar;
using System.IO.Compression;
using Sio.Data;
using Sio.Data.Store;
using Sio.Evaluation.Benchmarks;

namespace Sio.Tests.Data;

/// <summary>CIFAR's binary files, made up: a few records each.</summary>
public sealed class CifarTests : IDisposable
{
    private const int Record = 3073;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Records_are_read_in_the_order_of_the_files()
    {
        var batches = WriteCifar10();
        foreach (var path in new[] { _folder.Path, batches })
        {
            var train = Cifar10.Load(Split.Train, path);
            Assert.Equal((15, 3, 32, 32, 10), (train.Count, train.Channels, train.Height, train.Width, train.ClassCount));
            // Record r of file b has the label (b + 3·r) mod 10 and pixels that begin with b, r.
            Assert.Equal([1, 4, 7, 2, 5, 8, 3, 6, 9, 4, 7, 0, 5, 8, 1], train.Labels);
            Assert.Equal([2, 1], train.Image(4)[..2].ToArray());
            Assert.Equal(255, train.Image(14)[3071]);
            Assert.Equal("truck", train.ClassNames![9]);
            Assert.Equal([0, 3, 6], Cifar10.Load(Split.Test, path).Labels);
        }
    }

    [Fact]
    public void The_archive_gives_what_the_folder_gives()
    {
        var batches = WriteCifar10();
        var archive = _folder.File("packed/cifar-10-binary.tar.gz");
        Directory.CreateDirectory(Path.GetDirectoryName(archive)!);
        // In another order than they are wanted in.
        Pack(archive, Directory.GetFiles(batches).OrderDescending(StringComparer.Ordinal));
        var expected = Cifar10.Load(Split.Train, batches).ContentHash;
        Assert.Equal(expected, Cifar10.Load(Split.Train, archive).ContentHash);
        Assert.Equal(expected, Cifar10.Load(Split.Train, Path.GetDirectoryName(archive)!).ContentHash);

        var bytes = File.ReadAllBytes(archive);
        File.WriteAllBytes(archive, bytes[..(bytes.Length / 2)]);
        Assert.StartsWith(archive, Refused(Split.Train, archive), StringComparison.Ordinal);
        File.WriteAllText(archive, "no archive");
        Assert.Contains("no .tar.gz archive", Refused(Split.Train, archive), StringComparison.Ordinal);
        Pack(archive, [Path.Combine(batches, "data_batch_1.bin")]);
        Assert.Contains("has no data_batch_2.bin", Refused(Split.Train, archive), StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_files_are_refused_by_name()
    {
        var batches = WriteCifar10();
        var file = Path.Combine(batches, "data_batch_3.bin");
        var whole = File.ReadAllBytes(file);
        File.WriteAllBytes(file, whole[..^1]);
        Assert.Contains($"{file}: {whole.Length - 1} bytes, expected a whole number of records of 3073 bytes", Refused(Split.Train, batches), StringComparison.Ordinal);
        File.WriteAllBytes(file, []);
        Assert.Contains("0 bytes", Refused(Split.Train, batches), StringComparison.Ordinal);
        var wrong = whole.ToArray();
        wrong[Record] = 10;
        File.WriteAllBytes(file, wrong);
        Assert.Contains($"{file}: record 1 has the label 10, expected 0 to 9", Refused(Split.Train, batches), StringComparison.Ordinal);
        File.Delete(file);
        Assert.Contains($"{file}: not found", Refused(Split.Train, batches), StringComparison.Ordinal);
        Assert.Contains("cifar-10-batches-bin/ nor cifar-10-binary.tar.gz", Refused(Split.Test, Directory.CreateDirectory(_folder.File("empty")).FullName), StringComparison.Ordinal);
    }

    [Fact]
    public void Cifar_100_has_two_labels_of_which_the_fine_one_counts()
    {
        Directory.CreateDirectory(_folder.File("cifar-100-binary"));
        var file = _folder.File("cifar-100-binary/test.bin");
        var bytes = new byte[2 * (Record + 1)];
        (bytes[0], bytes[1], bytes[2]) = (19, 99, 200);
        (bytes[Record + 1], bytes[Record + 2]) = (3, 0);
        File.WriteAllBytes(file, bytes);
        var set = Cifar100.Load(Split.Test, _folder.Path);
        Assert.Equal([99, 0], set.Labels);
        Assert.Equal(200, set.Image(0)[0]);
        bytes[1] = 100;
        File.WriteAllBytes(file, bytes);
        Assert.Contains("label 100, expected 0 to 99", Assert.Throws<DataException>(() => Cifar100.Load(Split.Test, _folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Both_sets_are_found_in_the_store()
    {
        WriteCifar10();
        Directory.CreateDirectory(_folder.File("cifar-100-binary"));
        foreach (var file in new[] { "train.bin", "test.bin" })
            File.WriteAllBytes(_folder.File("cifar-100-binary/" + file), new byte[3 * (Record + 1)]);
        using var elsewhere = new TempFolder();
        var store = new DataStore(elsewhere.Path);
        var around = Assert.Throws<DataException>(() => new Importer(new DataStore(_folder.File("store"))).Import("cifar10", _folder.Path));
        Assert.Contains("the store itself is in it", around.Message, StringComparison.Ordinal);
        new Importer(store).Import("cifar10", _folder.Path, new ImportOptions { Link = true });
        var data = BenchmarkCatalog.Load("cifar10", new BenchmarkOptions(), store);
        Assert.Equal((15, 3, 0), (data.Train.Count, data.Test.Count, data.Near.Count));
        var copy = Directory.CreateDirectory(elsewhere.File("copy")).FullName;
        Directory.Move(_folder.File("cifar-100-binary"), Path.Combine(copy, "cifar-100-binary"));
        new Importer(store).Import("cifar100", copy);
        Assert.Equal("cifar100", Assert.Single(BenchmarkCatalog.Load("cifar10", new BenchmarkOptions(), store).Near).Name);

        // The other way round.
        var other = BenchmarkCatalog.Load("cifar100", new BenchmarkOptions(), store);
        other.Check();
        Assert.Equal(("cifar100", 3, 100), (other.Name, other.Train.Count, other.Train.ClassCount));
        Assert.Equal(("cifar10", 3), (Assert.Single(other.Near).Name, other.Near[0].Count));
    }

    private static string Refused(Split split, string path) => Assert.Throws<DataException>(() => Cifar10.Load(split, path)).Message;

    private string WriteCifar10()
    {
        var folder = Directory.CreateDirectory(_folder.File("cifar-10-batches-bin")).FullName;
        for (var batch = 0; batch <= 5; batch++)
        {
            var bytes = new byte[3 * Record];
            for (var record = 0; record < 3; record++)
            {
                var place = bytes.AsSpan(record * Record, Record);
                place[0] = (byte)((batch + (3 * record)) % 10);
                (place[1], place[2], place[^1]) = ((byte)batch, (byte)record, 255);
            }

            File.WriteAllBytes(Path.Combine(folder, batch == 0 ? "test_batch.bin" : $"data_batch_{batch}.bin"), bytes);
        }

        return folder;
    }

    private static void Pack(string archive, IEnumerable<string> files)
    {
        using var stream = File.Create(archive);
        using var packed = new GZipStream(stream, CompressionLevel.NoCompression);
        using var tar = new TarWriter(packed);
        foreach (var file in files)
            tar.WriteEntry(file, $"cifar-10-batches-bin/{Path.GetFileName(file)}");
    }
}
