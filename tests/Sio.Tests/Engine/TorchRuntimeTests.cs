using Sio.Engine;
using Sio.Tests.Data;
using TorchSharp;

namespace Sio.Tests.Engine;

/// <summary>Loading LibTorch: the right one, in every order, at once, and in one clear line where it cannot be.</summary>
public sealed class TorchRuntimeTests
{
    [Fact]
    public void The_LibTorch_of_the_package_is_loaded_and_no_other()
    {
        var outcome = Probe.Run("initialize").Succeeded();
        Assert.StartsWith("2.10.", outcome["version"], StringComparison.Ordinal);
        Assert.Equal(LibTorchFolder.FileName("torch_cpu"), Path.GetFileName(outcome["library"]));
        Assert.Contains("loaded torch_cpu 1", outcome.Lines);
        Assert.Contains("loaded c10 1", outcome.Lines);
        Assert.Equal("1", outcome["tensors"]);
    }

    [Fact]
    public void The_library_tells_about_itself()
    {
        Assert.Matches(@"^\d+\.\d+\.\d+", TorchRuntime.Version);
        Assert.True(File.Exists(TorchRuntime.LibraryPath), TorchRuntime.LibraryPath);
        Assert.NotEmpty(TorchRuntime.BuildConfig);
        Assert.NotEmpty(TorchRuntime.CpuCapability);
        var before = TorchRuntime.Threads;
        TorchRuntime.Threads = 2;
        Assert.Equal(2, TorchRuntime.Threads);
        TorchRuntime.Threads = before;
        Assert.Throws<ArgumentOutOfRangeException>(() => TorchRuntime.Threads = 0);
        Assert.True(TorchRuntime.CudaDeviceCount >= 0);
    }

    [Fact]
    public void Two_processes_may_load_at_once()
    {
        using var one = Probe.Start(Probe.Folder, [], "initialize");
        using var other = Probe.Start(Probe.Folder, [], "initialize");
        Probe.Finish(one).Succeeded();
        Probe.Finish(other).Succeeded();
    }

    [Fact]
    public void Many_threads_may_load_at_once() => Assert.Equal("done", Assert.Single(Probe.Run("initialize-at-once").Succeeded().Lines));

    [Fact]
    public void A_program_that_uses_the_library_needs_no_call()
    {
        var outcome = Probe.Run("library-first").Succeeded();
        Assert.Equal(("False", "6", "True"), (outcome["before"], outcome["sum"], outcome["after"]));
    }

    [Fact]
    public void One_that_uses_TorchSharp_first_works_too()
    {
        // With the one call that the documentation asks for where it comes after TorchSharp's own start.
        var outcome = Probe.Run("torchsharp-first").Succeeded();
        Assert.Equal("6", outcome["sum"]);
        Assert.StartsWith("2.10.", outcome["version"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("initialize")]
    [InlineData("library-first")]
    public void Where_it_cannot_be_loaded_nothing_is_copied(string order)
    {
        var copy = Path.Combine(Path.GetDirectoryName(typeof(torch).Assembly.Location)!, "cpu");
        var before = Directory.Exists(copy);
        using var folder = new TempFolder();
        var outcome = Probe.RunWith([("LIBTORCH", folder.Path)], order);
        Assert.Equal(1, outcome.Code);
        Assert.StartsWith($"LIBTORCH names {folder.Path}, where", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Equal(before, Directory.Exists(copy));
    }

    [Fact]
    public void A_damaged_one_is_named()
    {
        NativeFiles.OnlyOnLinux();
        using var folder = new TempFolder();
        Link(folder);
        var path = folder.File("libtorch_cpu.so");
        using (var whole = File.OpenRead(path))
        {
            var part = new byte[1 << 20];
            whole.ReadExactly(part);
            File.Delete(path);
            File.WriteAllBytes(path, part);
        }

        var outcome = Probe.RunWith([("LIBTORCH", folder.Path)], "initialize");
        Assert.Equal(1, outcome.Code);
        Assert.StartsWith($"{path} is damaged", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void An_incomplete_one_is_named()
    {
        NativeFiles.OnlyOnLinux();
        using var folder = new TempFolder();
        Link(folder);
        File.Delete(folder.File("libtorch.so"));
        var outcome = Probe.RunWith([("LIBTORCH", folder.Path)], "initialize");
        Assert.Equal(1, outcome.Code);
        Assert.StartsWith($"{folder.File("libtorch.so")} is missing", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_nothing_can_be_written_into_will_do()
    {
        NativeFiles.OnlyOnLinux();
        if (OperatingSystem.IsWindows())
            return; // for the analyzer: such folders are Unix's
        using var folder = new TempFolder();
        Link(folder);
        var names = folder.Names();
        File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            Probe.RunWith([("LIBTORCH", folder.Path)], "initialize").Succeeded();
            Assert.Equal(names, folder.Names());
        }
        finally
        {
            File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void Another_LibTorch_in_memory_is_an_error()
    {
        NativeFiles.OnlyOnLinux();
        using var folder = new TempFolder();
        var foreign = folder.Write("libtorch_cpu.so.1.13", File.ReadAllBytes(NativeFiles.Small));
        var outcome = Probe.Run("foreign", foreign);
        Assert.Equal(1, outcome.Code);
        Assert.StartsWith($"{foreign} is loaded, LibTorch was to come from ", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_package_the_message_names_it()
    {
        // A copy of the program with TorchSharp, and without what tells .NET of NuGet's folder.
        using var folder = new TempFolder();
        foreach (var file in Directory.GetFiles(Probe.Folder).Where(file => Path.GetExtension(file) == ".dll" || file.EndsWith(".runtimeconfig.json", StringComparison.Ordinal)))
            File.Copy(file, folder.File(Path.GetFileName(file)));
        File.Copy(typeof(torch).Assembly.Location, folder.File("TorchSharp.dll"), overwrite: true);
        File.Copy(NativeFiles.Binding, folder.File(Path.GetFileName(NativeFiles.Binding)));
        var outcome = Probe.RunIn(folder.Path, [], "initialize");
        Assert.Equal(1, outcome.Code);
        Assert.StartsWith($"LibTorch is missing: add the package libtorch-cpu-{LibTorchFolder.Platform} 2.10.0 (or TorchSharp-cpu)", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void Threads_are_LibTorchs_and_at_least_one()
    {
        var before = TorchRuntime.Threads;
        try
        {
            TorchRuntime.Threads = 1;
            Assert.Equal((1, 1), (TorchRuntime.Threads, torch.get_num_threads()));
            Assert.Throws<ArgumentOutOfRangeException>(() => TorchRuntime.Threads = 0);
        }
        finally
        {
            TorchRuntime.Threads = before;
        }
    }

    [Fact]
    public void A_seed_repeats_random_numbers()
    {
        using var scope = torch.NewDisposeScope();
        TorchRuntime.ManualSeed(3);
        var first = torch.rand(5);
        TorchRuntime.ManualSeed(3);
        Assert.Equal(first.data<float>().ToArray(), torch.rand(5).data<float>().ToArray());
    }

    [Fact]
    public void Denormal_numbers_may_be_rounded_to_zero()
    {
        using var scope = torch.NewDisposeScope();
        float Half() => (torch.full(1, 1e-38f) * 0.1f).item<float>();
        Assert.NotEqual(0, Half());
        if (!TorchRuntime.SetFlushDenormal(true))
            return; // a CPU that cannot
        Assert.Equal(0, Half());
        Assert.True(TorchRuntime.SetFlushDenormal(false));
        Assert.NotEqual(0, Half());
    }

    // LibTorch's files as links: half a gigabyte need not be copied.
    private static void Link(TempFolder folder)
    {
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(TorchRuntime.LibraryPath)!))
            File.CreateSymbolicLink(folder.File(Path.GetFileName(file)), file);
    }
}
