using Sio.Data;

namespace Sio.Tests.Data;

public sealed class AtomicFileTests
{
    [Fact]
    public void Creates_and_replaces()
    {
        using var folder = new TempFolder();
        var path = folder.File("a.txt");
        AtomicFile.WriteAllText(path, "one");
        AtomicFile.WriteAllText(path, "zwei ä");
        Assert.Equal("zwei ä", File.ReadAllText(path));
        Assert.Equal(["a.txt"], folder.Names());
    }

    [Fact]
    public void The_old_file_stands_until_the_new_one_is_complete()
    {
        using var folder = new TempFolder();
        var path = folder.File("a.txt");
        AtomicFile.WriteAllText(path, "old");
        AtomicFile.Write(path, stream =>
        {
            stream.Write("new"u8);
            stream.Flush();
            Assert.Equal("old", File.ReadAllText(path));
            Assert.Contains(folder.Names(), n => n.StartsWith("a.txt.tmp-", StringComparison.Ordinal));
        });
        Assert.Equal("new", File.ReadAllText(path));
    }

    [Fact]
    public void A_failing_writer_leaves_the_old_file_and_nothing_else()
    {
        using var folder = new TempFolder();
        var path = folder.File("a.txt");
        AtomicFile.WriteAllText(path, "old");
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write("half"u8);
            throw new InvalidOperationException("stopped");
        }));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal(["a.txt"], folder.Names());
    }

    [Fact]
    public void A_full_disk_leaves_nothing()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "There is no /dev/full here.");
        using var folder = new TempFolder();
        var error = Assert.Throws<IOException>(() => AtomicFile.Write(folder.File("a.bin"), _ =>
        {
            using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
            full.Write(new byte[10]);
        }));
        Assert.StartsWith(folder.File("a.bin") + ": cannot be written (No space left on device", error.Message, StringComparison.Ordinal);
        Assert.Empty(folder.Names());
    }

    [Fact]
    public void Folders_and_devices_are_not_replaced()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.File("sub"));
        Assert.Contains("is a folder", Assert.Throws<IOException>(() => AtomicFile.WriteAllText(folder.File("sub"), "x")).Message, StringComparison.Ordinal);
        Assert.Contains("is a device", Assert.Throws<IOException>(() => AtomicFile.WriteAllText("/dev/full", "x")).Message, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => AtomicFile.WriteAllText(folder.File("no/such/folder"), "x"));
        Assert.Equal(["sub"], folder.Names());
    }

    [Fact]
    public void A_link_stays_a_link()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("real"), "old");
        File.CreateSymbolicLink(folder.File("link"), folder.File("real"));
        AtomicFile.WriteAllText(folder.File("link"), "new");
        Assert.Equal("new", File.ReadAllText(folder.File("real")));
        Assert.NotNull(new FileInfo(folder.File("link")).LinkTarget);
        Assert.Equal(["link", "real"], folder.Names());
    }

    [Fact]
    public void Leftovers_of_killed_writers_can_be_deleted()
    {
        using var folder = new TempFolder();
        folder.Write("a.bin", [1]);
        folder.Write("a.bin.tmp-0123456789ab", [1]);
        folder.Write("b.bin.tmp-0123456789ab", [1]);
        Assert.Equal(1, AtomicFile.DeleteAbandoned(folder.File("a.bin")));
        Assert.Equal(["a.bin", "b.bin.tmp-0123456789ab"], folder.Names());
        Assert.Equal(0, AtomicFile.DeleteAbandoned(folder.File("no/a.bin")));
    }
}
