using System.Runtime.InteropServices;
using Sio.Engine;

namespace Sio.Tests.Engine;

/// <summary>Loading a library from bytes.</summary>
public sealed class MemoryFileTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public unsafe void What_is_loaded_works(bool inMemory)
    {
        NativeFiles.OnlyOnLinux();
        var library = MemoryFile.Load("small.so", File.ReadAllBytes(NativeFiles.Small), inMemory);
        var getPid = (delegate* unmanaged<int>)NativeLibrary.GetExport(library, NativeFiles.SmallExport);
        Assert.Equal(Environment.ProcessId, getPid());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void No_file_is_left_behind(bool inMemory)
    {
        NativeFiles.OnlyOnLinux();
        var before = Leftovers();
        MemoryFile.Load("small.so", File.ReadAllBytes(NativeFiles.Small), inMemory);
        Assert.Throws<DllNotFoundException>(() => MemoryFile.Load("none.so", [1, 2, 3], inMemory));
        Assert.Empty(Leftovers().Except(before, StringComparer.Ordinal));
    }

    [Fact]
    public void Many_at_once_do_not_disturb_each_other()
    {
        NativeFiles.OnlyOnLinux();
        var bytes = File.ReadAllBytes(NativeFiles.Small);
        Parallel.For(0, 16, i => Assert.NotEqual(0, MemoryFile.Load("small.so", bytes, i % 2 == 0)));
    }

    // Other tests make folders of their own meanwhile, but none with a library in it.
    private static string[] Leftovers() =>
        [.. Directory.GetDirectories(Path.GetTempPath(), "sio-*").Where(folder => File.Exists(Path.Combine(folder, "small.so")) || File.Exists(Path.Combine(folder, "none.so")))];
}
