using System.Runtime.InteropServices;
using Sio.Engine;
using Sio.Tests.Data;

namespace Sio.Tests.Engine;

/// <summary>Reading ELF files that are whole, cut off, damaged, or none.</summary>
public sealed class ElfFileTests
{
    private const string Version = "GLIBCXX_3.4.32";

    [Fact]
    public void A_whole_file_tells_its_id_and_where_its_symbols_lie()
    {
        NativeFiles.OnlyOnLinux();
        using var stream = File.OpenRead(NativeFiles.Small);
        var file = ElfFile.TryRead(stream);
        Assert.True(file!.IsWhole);
        Assert.Matches("^[0-9a-f]{16,}$", file.BuildId);
        Assert.Null(file.FindSymbol("no_such_symbol"));
        Assert.Null(file.FindVersionRequirement(Version));

        // Two symbols lie as far apart in memory as the file says.
        var library = NativeLibrary.Load(NativeFiles.Small);
        const string other = "SystemNative_Read";
        var apart = NativeLibrary.GetExport(library, NativeFiles.SmallExport) - NativeLibrary.GetExport(library, other);
        Assert.Equal(apart, (nint)(file.FindSymbol(NativeFiles.SmallExport)!.Value - file.FindSymbol(other)!.Value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\u007fELF")]
    [InlineData("this is a text and no library, however long it may be and whatever the loader makes of it: it is none")]
    public void A_file_that_is_none_is_none(string content)
    {
        using var stream = new MemoryStream(System.Text.Encoding.Latin1.GetBytes(content));
        Assert.Null(ElfFile.TryRead(stream));
    }

    [Fact]
    public void A_file_that_was_cut_off_anywhere_is_not_whole()
    {
        NativeFiles.OnlyOnLinux();
        var bytes = File.ReadAllBytes(NativeFiles.Small);
        for (var length = 0; length < bytes.Length; length += length < 4096 ? 1 : 997)
        {
            using var stream = new MemoryStream(bytes, 0, length);
            var file = ElfFile.TryRead(stream);
            Assert.True(file is null || !file.IsWhole, $"{length} of {bytes.Length} bytes");
            Touch(file);
        }
    }

    [Fact]
    public void A_damaged_file_does_not_make_the_reader_fail()
    {
        NativeFiles.OnlyOnLinux();
        var whole = File.ReadAllBytes(NativeFiles.Binding);
        using var check = new MemoryStream(whole);
        var flags = ElfFile.TryRead(check)!.FindVersionRequirement(Version) ?? 64;
        var random = new Random(5);
        for (var round = 0; round < 300; round++)
        {
            var bytes = whole.ToArray();
            for (var i = 0; i < 8; i++)
            {
                // In the header, among the version requirements, in the table of sections at the end.
                var at = (round % 3) switch { 0 => random.Next(4, 64), 1 => (int)flags + random.Next(-300, 300), _ => bytes.Length - random.Next(1, 3000) };
                bytes[Math.Clamp(at, 4, bytes.Length - 1)] = (byte)random.Next(256);
            }

            using var stream = new MemoryStream(bytes);
            Touch(ElfFile.TryRead(stream));
        }
    }

    [Fact]
    public void Marking_a_requirement_weak_changes_one_bit()
    {
        NativeFiles.OnlyOnLinux();
        var before = File.ReadAllBytes(NativeFiles.Binding);
        var after = before.ToArray();
        Assert.True(TorchLoader.MarkWeak(after, Version));
        var changed = Assert.Single(Enumerable.Range(0, before.Length), i => before[i] != after[i]);
        Assert.Equal(2, before[changed] ^ after[changed]);
    }

    [Fact]
    public void Without_such_a_requirement_nothing_changes()
    {
        NativeFiles.OnlyOnLinux();
        var before = File.ReadAllBytes(NativeFiles.Small);
        var after = before.ToArray();
        Assert.False(TorchLoader.MarkWeak(after, Version));
        Assert.Equal(before, after);
        Assert.False(TorchLoader.MarkWeak([], Version));
        Assert.False(TorchLoader.MarkWeak([1, 2, 3], Version));
    }

    [Fact]
    public void A_damaged_library_is_rejected_in_one_line_before_it_is_loaded()
    {
        NativeFiles.OnlyOnLinux();
        using var folder = new TempFolder();
        var path = folder.Write("libc10.so", File.ReadAllBytes(NativeFiles.Small)[..^1]);
        var failure = Assert.Throws<LibTorchException>(() => TorchLoader.RejectDamaged(path));
        Assert.StartsWith($"{path} is damaged", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
        TorchLoader.RejectDamaged(folder.Write("whole.so", File.ReadAllBytes(NativeFiles.Small)));
    }

    private static void Touch(ElfFile? file)
    {
        _ = file?.BuildId;
        _ = file?.FindVersionRequirement(Version);
        _ = file?.FindSymbol("THSTensor_ones");
    }
}
