using System.Buffers.Binary;
using System.IO.Compression;
using Sio.Data;

namespace Sio.Tests.Data;

public sealed class NpzTests
{
    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void Round_trip(CompressionLevel compression)
    {
        using var folder = new TempFolder();
        var path = folder.File("scores.npz");
        Npz.Write(path, compression, ("pred", NpyArray.Create([1L, 2])), ("conf", NpyArray.Create([0.5, 0.25])), ("empty", NpyArray.Create<float>([])));
        Assert.Equal(["scores.npz"], folder.Names());

        var arrays = Npz.Read(path);
        Assert.Equal(["conf", "empty", "pred"], arrays.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([1L, 2], arrays["pred"].Elements<long>());
        Assert.Equal([0.5, 0.25], arrays["conf"].Elements<double>());
        Assert.Equal([0], arrays["empty"].Shape);
        Assert.Equal($"{path}[pred]", arrays["pred"].Source);
    }

    [Fact]
    public void The_same_arrays_give_the_same_file() => Assert.Equal(Small(CompressionLevel.Optimal), Small(CompressionLevel.Optimal));

    [Fact]
    public void Unseekable_streams_are_read() =>
        Assert.Equal(2, Npz.Read(new PipeLikeStream(Small(CompressionLevel.Optimal))).Count);

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void Truncated_anywhere_is_refused(CompressionLevel compression) =>
        Properties.RefusesEveryTruncation(Small(compression), s => Npz.Read(s));

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void Changed_bytes_never_escape_as_other_exceptions(CompressionLevel compression) =>
        Properties.SurvivesMutations(Small(compression), s => Npz.Read(s));

    [Fact]
    public void A_changed_element_is_found_by_its_checksum()
    {
        var file = Small(CompressionLevel.NoCompression);
        var at = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[101, 102, 103]);
        file[at] ^= 1;
        Assert.Contains("damaged", Assert.Throws<DataException>(() => Npz.Read(new MemoryStream(file))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bomb_is_refused_by_its_claim_and_by_its_length()
    {
        // The directory claims 3 GB for an entry of a few bytes.
        var file = Small(CompressionLevel.Optimal);
        var directory = file.AsSpan().LastIndexOf("PK\x01\x02"u8);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(directory + 24), 3_000_000_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<DataException>(() => Npz.Read(new MemoryStream(file)));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);

        // The directory claims less than the entry unpacks to, and the array's header agrees with the directory.
        var zeros = new byte[4096];
        NpyEncoder.WithHeader("{'descr': '|u1', 'fortran_order': False, 'shape': (100,)}", []).CopyTo(zeros, 0);
        var honest = NpyEncoder.WithHeader("{'descr': '|u1', 'fortran_order': False, 'shape': (100,)}", new byte[100]).Length;
        var archive = Zip(("a.npy", zeros));
        BinaryPrimitives.WriteUInt32LittleEndian(archive.AsSpan(archive.AsSpan().LastIndexOf("PK\x01\x02"u8) + 24), (uint)honest);
        Assert.Throws<DataException>(() => Npz.Read(new MemoryStream(archive)));
    }

    [Fact]
    public void Refuses_other_content()
    {
        var array = NpyEncoder.Encode<byte>([1], [1], "u1");
        Refused("is not an array", Zip(("readme.txt", array)));
        Refused("twice", Zip(("a.npy", array), ("a.npy", array)));
        Refused("[a]: is a Python pickle", Zip(("a.npy", [0x80, 4, 0x95, 0, 0, 0, 0, 0, 0])));
        Refused("not a complete", [.. "no zip at all"u8]);
        Refused("not a complete", []);

        static void Refused(string expected, byte[] file) =>
            Assert.Contains(expected, Assert.Throws<DataException>(() => Npz.Read(new MemoryStream(file))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_to_write_a_name_twice_and_leaves_nothing()
    {
        using var folder = new TempFolder();
        var array = NpyArray.Create([1]);
        Assert.Throws<ArgumentException>(() => Npz.Write(folder.File("a.npz"), ("x", array), ("x", array)));
        Assert.Throws<ArgumentException>(() => Npz.Write(folder.File("a.npz"), ("", array)));
        Assert.Empty(folder.Names());
    }

    private static byte[] Small(CompressionLevel compression)
    {
        using var stream = new MemoryStream();
        Npz.Write(stream, compression, ("x", NpyArray.Create<byte>([101, 102, 103, 104])), ("y", NpyArray.Create<short>([1, 2], 2, 1)));
        return stream.ToArray();
    }

    private static byte[] Zip(params ReadOnlySpan<(string Name, byte[] Content)> entries)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return stream.ToArray();
    }
}
