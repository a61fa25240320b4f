using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Sio.Data;
using Sio.Data.Store;

namespace Sio.Tests.Data.Store;

/// <summary>Archives, good and evil, through <c>import</c>, which unpacks as <c>fetch</c> does.</summary>
public sealed class UnpackTests : IDisposable
{
    private readonly StoreFixture _store = new();

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData("zip")]
    [InlineData("tar")]
    [InlineData("tar_gz")]
    public void Good_archives_unpack_with_their_sums(string kind)
    {
        var path = Archive(kind, ("./top/a/one.txt", "one"), ("top/two.txt", "two"));
        Describe(kind, path, "strip: top\nholds: [a/one.txt]");
        new Importer(_store.Store).Import("a", path);
        Assert.Equal("one", File.ReadAllText(At("a/one.txt")));
        Assert.Equal("two", File.ReadAllText(At("two.txt")));
        var check = new Checker(_store.Store).Check("a");
        Assert.Equal((2, 6L, true), (check.Files, check.Bytes, check.IsGood));
        Assert.Equal((2, 6L), (_store.Store.RecordOf("a").Entries, _store.Store.RecordOf("a").Bytes));
        Assert.True(File.Exists(path));
    }

    [Theory]
    [InlineData("zip", "../out.txt", "leads out of its folder")]
    [InlineData("tar", "a/../../out.txt", "leads out of its folder")]
    [InlineData("tar_gz", "/tmp/out.txt", "is absolute")]
    [InlineData("zip", "a\\..\\out.txt", "backslash")]
    [InlineData("zip", "C:/out.txt", "names a drive")]
    [InlineData("tar", "a//b.txt", "has a name that is empty")]
    [InlineData("tar", ".sio-data.json", "a name that the store needs itself")]
    public void Paths_that_lead_elsewhere_are_refused(string kind, string name, string expected)
    {
        var path = Archive(kind, ("fine.txt", "fine"), (name, "evil"));
        Assert.Contains(expected, Refused(kind, path), StringComparison.Ordinal);
        Assert.False(File.Exists("/tmp/out.txt"));
        Assert.False(File.Exists(Path.Combine(_store.Store.Root, "out.txt")));
    }

    [Fact]
    public void Links_devices_and_doubles_are_refused()
    {
        var tar = _store.At("link.tar");
        foreach (var (type, expected) in new[] { (TarEntryType.SymbolicLink, "is a link"), (TarEntryType.HardLink, "is a link"), (TarEntryType.Fifo, "neither a file nor a folder") })
        {
            using (var writer = new TarWriter(File.Create(tar)))
            {
                var entry = new PaxTarEntry(type, "l");
                if (type != TarEntryType.Fifo)
                    entry.LinkName = "/etc/passwd";
                writer.WriteEntry(entry);
            }

            Assert.Contains(expected, Refused("tar", tar), StringComparison.Ordinal);
        }

        var zip = _store.At("link.zip");
        using (var archive = ZipFile.Open(zip, ZipArchiveMode.Create))
        {
            var entry = archive.CreateEntry("l");
            entry.ExternalAttributes = unchecked((int)0xA1FF0000);
            using var writer = new StreamWriter(entry.Open());
            writer.Write("/etc/passwd");
        }

        Assert.Contains("is a link", Refused("zip", zip), StringComparison.Ordinal);
        Assert.Contains("is there twice", Refused("tar", Archive("tar", ("a", "1"), ("a", "2"))), StringComparison.Ordinal);
        Assert.Contains("there twice", Refused("zip", Archive("zip", ("a", "1"), ("./a", "2"))), StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_hold_whatever_the_headers_say()
    {
        var bomb = Archive("zip", ("zeros", new string('\0', 3_000_000)));
        Assert.True(new FileInfo(bomb).Length < 10_000);
        Assert.Contains("unpacks to more than 1.00 MB", Refused("zip", bomb, "max_bytes: 1000000"), StringComparison.Ordinal);
        var many = Archive("tar_gz", [.. Enumerable.Range(0, 30).Select(i => ($"f{i}", "x"))]);
        Assert.Contains("more than 20 files", Refused("tar_gz", many, "max_entries: 20"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zip")]
    [InlineData("tar")]
    [InlineData("tar_gz")]
    public void Archives_cut_off_anywhere_are_refused(string kind)
    {
        var path = Archive(kind, [.. Enumerable.Range(0, 5).Select(i => ($"file{i}.txt", new string((char)('a' + i), 700)))]);
        var whole = File.ReadAllBytes(path);
        Describe(kind, path);
        // The last 1,024 bytes of a tar archive are zeros; half of them already say that it has ended.
        var least = kind == "tar" ? 600 : 9;
        var lengths = Enumerable.Range(0, 12).Select(i => whole.Length * i / 12).Append(whole.Length - least);
        foreach (var length in lengths)
        {
            File.WriteAllBytes(path, whole[..length]);
            var error = Assert.Throws<DataException>(() => new Importer(_store.Store).Import("a", path));
            Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        }

        // Between two entries: .NET's own reader finds nothing wrong there.
        if (kind == "tar")
        {
            File.WriteAllBytes(path, whole[..(2 * (whole.Length - 1024) / 5 / 512 * 512)]);
            Assert.Throws<DataException>(() => new Importer(_store.Store).Import("a", path));
        }

        AssertNothingLeft();
        File.WriteAllBytes(path, whole);
        new Importer(_store.Store).Import("a", path);
    }

    [Theory]
    [InlineData("zip")]
    [InlineData("tar")]
    public void What_cannot_be_written_is_said_of_the_store_not_of_the_archive(string kind)
    {
        // A file where a folder would have to be: what a full disk or a folder without permission looks like to the writer.
        var message = Refused(kind, Archive(kind, ("a", "1"), ("a/b", "2")));
        Assert.Contains("'a/b' cannot be written into the store", message, StringComparison.Ordinal);
        Assert.DoesNotContain("damaged", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_entry_of_a_zip_is_seen_by_its_checksum()
    {
        var path = _store.At("stored.zip");
        using (var archive = ZipFile.Open(path, ZipArchiveMode.Create))
        using (var writer = new StreamWriter(archive.CreateEntry("a.txt", CompressionLevel.NoCompression).Open()))
            writer.Write("the content of the file");
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.AsSpan().IndexOf("content"u8)] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Contains("'a.txt' is damaged", Refused("zip", path), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_the_set_is_refused()
    {
        var path = Archive("zip", ("other.txt", "x"));
        Assert.Contains("have no a/one.txt, which was expected", Refused("zip", path, "holds: [a/one.txt]"), StringComparison.Ordinal);
        Assert.Contains("are empty", Refused("zip", Archive("zip")), StringComparison.Ordinal);
        File.WriteAllText(path, "plain text");
        Assert.Contains("is damaged, or no zip archive", Refused("zip", path), StringComparison.Ordinal);
        Assert.Contains("is damaged, or no tar.gz archive", Refused("tar_gz", path), StringComparison.Ordinal);
    }

    private string At(string file) => Path.Combine(_store.Store.FolderOf("a"), file);

    private void Describe(string kind, string path, string top = "") =>
        _store.Describe("a", "http://localhost/x", $"unpack: {kind}", Path.GetFileName(path), top);

    private string Refused(string kind, string path, string top = "")
    {
        Describe(kind, path, top);
        var message = Assert.Throws<DataException>(() => new Importer(_store.Store).Import("a", path)).Message;
        AssertNothingLeft();
        return message;
    }

    private void AssertNothingLeft()
    {
        Assert.False(Directory.Exists(_store.Store.FolderOf("a")));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_store.Store.Root, ".staging")));
    }

    private string Archive(string kind, params (string Name, string Text)[] files)
    {
        var path = _store.At($"archive{Guid.NewGuid():N}.{(kind == "tar_gz" ? "tar.gz" : kind)}");
        using var file = File.Create(path);
        if (kind == "zip")
        {
            using var zip = new ZipArchive(file, ZipArchiveMode.Create);
            foreach (var (name, text) in files)
            {
                using var writer = new StreamWriter(zip.CreateEntry(name).Open());
                writer.Write(text);
            }

            return path;
        }

        using var packed = kind == "tar_gz" ? new GZipStream(file, CompressionLevel.Fastest) : (Stream)file;
        using var tar = new TarWriter(packed);
        foreach (var (name, text) in files)
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
        return path;
    }
}
