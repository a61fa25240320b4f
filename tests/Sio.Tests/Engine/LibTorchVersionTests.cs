using Sio.Engine;
using Sio.Tests.Data;

namespace Sio.Tests.Engine;

/// <summary>Which LibTorch lies in a folder, by what lies around it.</summary>
public sealed class LibTorchVersionTests
{
    [Theory]
    [InlineData("version.py", "from typing import Optional\n__version__ = '2.10.0+cpu'\ndebug = False\n", "2.10.0")]
    [InlineData("version.py", "__version__ = \"2.9.1\"", "2.9.1")]
    [InlineData("build-version", "2.11.0+cu128\n", "2.11.0")]
    [InlineData("include/torch/headeronly/version.h", "#define TORCH_VERSION_MAJOR 2\n#define TORCH_VERSION_MINOR 8\n#define TORCH_VERSION_PATCH 3\n", "2.8.3")]
    [InlineData("include/torch/csrc/api/include/torch/version.h", "#define TORCH_VERSION_MAJOR 1\n#define TORCH_VERSION_MINOR 13\n", "1.13.0")]
    public void A_version_is_read(string file, string content, string version)
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File(file))!);
        File.WriteAllText(folder.File(file), content);
        Assert.Equal(Version.Parse(version), LibTorchVersion.Read(folder.File("lib")));
    }

    [Fact]
    public void The_name_that_a_link_leads_to_tells_it()
    {
        NativeFiles.OnlyOnLinux();
        using var folder = new TempFolder();
        folder.Write("libtorch_cpu.so.1.13.0", []);
        File.CreateSymbolicLink(folder.File("libtorch_cpu.so.1.13"), "libtorch_cpu.so.1.13.0");
        File.CreateSymbolicLink(folder.File("libtorch_cpu.so"), "libtorch_cpu.so.1.13");
        Assert.Equal(new Version(1, 13, 0), LibTorchVersion.Read(folder.Path));
    }

    [Fact]
    public void Where_nothing_tells_it_is_unknown_and_passes_until_the_library_is_asked()
    {
        using var folder = new TempFolder();
        folder.Write("build-version", "nightly"u8.ToArray());
        Assert.Null(LibTorchVersion.Read(folder.File("lib")));
        LibTorchVersion.Check(null, "x");
        LibTorchVersion.Check(new Version(2, 10, 7), "x");
    }

    [Theory]
    [InlineData("1.13.0")]
    [InlineData("2.9.1")]
    [InlineData("2.11.0")]
    [InlineData("3.10.0")]
    public void Another_minor_version_is_rejected_with_both(string version)
    {
        var failure = Assert.Throws<LibTorchException>(() => LibTorchVersion.Check(Version.Parse(version), "LIBTORCH names /x"));
        Assert.Equal($"LIBTORCH names /x: that is LibTorch {version}, this program needs 2.10", failure.Message);
    }

    [Fact]
    public void A_folder_that_is_named_is_searched_with_its_lib()
    {
        using var folder = new TempFolder();
        var failure = Assert.Throws<LibTorchException>(() => LibTorchFolder.FindNamed(folder.Path));
        Assert.Contains(folder.Path, failure.Message, StringComparison.Ordinal);
        Directory.CreateDirectory(folder.File("lib"));
        folder.Write(Path.Combine("lib", LibTorchFolder.FileName("torch_cpu")), []);
        Assert.Equal(folder.File("lib"), LibTorchFolder.FindNamed(folder.Path));
        Assert.Equal(folder.File("lib"), LibTorchFolder.FindNamed(folder.File("lib")));
        File.WriteAllText(folder.File("version.py"), "__version__ = '2.9.0'");
        failure = Assert.Throws<LibTorchException>(() => LibTorchFolder.FindNamed(folder.Path));
        Assert.Contains("2.9.0", failure.Message, StringComparison.Ordinal);
        Assert.Contains("2.10", failure.Message, StringComparison.Ordinal);
    }
}
