using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Sio.Data;

namespace Sio.Tests.Data;

/// <summary>What a zip archive's directory says of its members, and what these say of themselves, must be the same.</summary>
public sealed class ZipHeadersTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void Good_archives_pass(CompressionLevel level)
    {
        using var stream = new MemoryStream(Archive(level, "a.npy", "folder/b.npy", "ä.npy"));
        stream.Position = 3;
        ZipHeaders.Check(stream, "x.zip");
        Assert.Equal(3, stream.Position);
        using var empty = new MemoryStream(Archive(level));
        ZipHeaders.Check(empty, "x.zip");
    }

    [Fact]
    public void Another_name_in_the_member_is_found_by_every_reader()
    {
        var bytes = Npz("images", "labels");
        var at = bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes("labels.npy"));
        bytes[at] = (byte)'L';
        var path = _folder.File("x.npz");
        File.WriteAllBytes(path, bytes);
        var error = Assert.Throws<DataException>(() => Sio.Data.Npz.Read(path)).Message;
        Assert.Contains("'labels.npy' where the member itself is named 'Labels.npy'", error, StringComparison.Ordinal);
        Assert.Contains(path, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_method_in_the_member_is_found()
    {
        var bytes = Archive(CompressionLevel.Optimal, "a.npy");
        bytes[8] = 0;
        Assert.Contains("two ways of compression", Refused(bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void Members_that_overlap_or_share_a_name_are_found()
    {
        // Both of the directory's entries point to the first member.
        var bytes = Archive(CompressionLevel.NoCompression, "a.npy", "b.npy");
        var second = bytes.AsSpan().LastIndexOf(Encoding.ASCII.GetBytes("b.npy")) - 46;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(second + 42), 0);
        Assert.Contains("lies within the one before it", Refused(bytes), StringComparison.Ordinal);

        var same = Archive(CompressionLevel.NoCompression, "a.npy", "b.npy");
        foreach (var at in new[] { same.AsSpan().IndexOf("b.npy"u8), same.AsSpan().LastIndexOf("b.npy"u8) })
            same[at] = (byte)'a';
        Assert.Contains("holds 'a.npy' twice", Refused(same), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_cut_off_anywhere_is_refused()
    {
        var bytes = Archive(CompressionLevel.Optimal, "a.npy", "b.npy");
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<DataException>(() => ZipHeaders.Check(new MemoryStream(bytes[..length]), "x.zip"));
    }

    /// <summary>Whatever byte is changed: the check passes or says why not, and nothing else is thrown.</summary>
    [Fact]
    public void A_changed_byte_anywhere_is_no_bug()
    {
        var bytes = Archive(CompressionLevel.Optimal, "a.npy", "b.npy");
        foreach (var value in new byte[] { 0, 0xFF, 0x7F })
        {
            for (var at = 0; at < bytes.Length; at++)
            {
                var changed = bytes.ToArray();
                changed[at] = value;
                try
                {
                    ZipHeaders.Check(new MemoryStream(changed), "x.zip");
                }
                catch (DataException)
                {
                }
            }
        }
    }

    private static string Refused(byte[] bytes) => Assert.Throws<DataException>(() => ZipHeaders.Check(new MemoryStream(bytes), "x.zip")).Message;

    private static byte[] Archive(CompressionLevel level, params string[] names)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var name in names)
            {
                using var content = archive.CreateEntry(name, level).Open();
                content.Write(new byte[200]);
            }
        }

        return stream.ToArray();
    }

    private static byte[] Npz(params string[] names)
    {
        using var stream = new MemoryStream();
        Sio.Data.Npz.Write(stream, CompressionLevel.Optimal, [.. names.Select(name => (name, NpyArray.Create(new float[] { 1, 2 })))]);
        return stream.ToArray();
    }
}
