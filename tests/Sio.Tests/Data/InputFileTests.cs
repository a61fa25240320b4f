using System.Diagnostics;
using Sio.Data;
using Sio.Recipes;
using Sio.Serialization;

namespace Sio.Tests.Data;

/// <summary>Pipes, devices and folders in place of files: rejected at once, by every reader.</summary>
public sealed class InputFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string> Kinds() => new()
    {
        { "pipe", "is a pipe or a socket" }, { "/dev/zero", "is a device" }, { "folder", "is a folder" }, { "missing", "not found" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Whatever_is_no_file_is_rejected_at_once(string kind, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has neither pipes nor devices among its files");
        var path = PathOf(kind);
        Assert.Contains(expected, Assert.Throws<RecipeException>(() => RecipeReader.Read<Recipe>(path)).Message, StringComparison.Ordinal);
        Assert.Contains(expected, Assert.Throws<DataException>(() => Npy.Read(path)).Message, StringComparison.Ordinal);
        Assert.Contains(expected, Assert.Throws<DataException>(() => Npz.Read(path)).Message, StringComparison.Ordinal);
        Assert.ThrowsAny<Exception>(() => Safetensors.Read(path));
        Assert.ThrowsAny<Exception>(() => TorchFile.Read(path));
    }

    [Fact]
    public void A_base_that_is_a_device_is_rejected_at_its_line()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such file");
        var path = Path.Combine(_folder.Path, "r.yml");
        File.WriteAllText(path, "name: x\nbase: /dev/zero\n");
        var error = Assert.Throws<RecipeException>(() => RecipeReader.Read<Recipe>(path));
        Assert.Contains("r.yml:2:7: recipe '/dev/zero' cannot be read", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_is_read_up_to_a_limit_and_empty_files_are_empty()
    {
        var path = Path.Combine(_folder.Path, "t.txt");
        File.WriteAllText(path, "äb");
        Assert.Equal("äb", InputFile.ReadText(path, 3));
        Assert.Contains("has 3 bytes; at most 2 are read", Assert.Throws<IOException>(() => InputFile.ReadText(path, 2)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(path, []);
        Assert.Empty(InputFile.ReadText(path));
    }

    private string PathOf(string kind)
    {
        if (kind.StartsWith('/'))
            return kind;
        var path = Path.Combine(_folder.Path, kind);
        if (kind == "folder")
            Directory.CreateDirectory(path);
        if (kind == "pipe")
        {
            using var made = Process.Start("mkfifo", [path]);
            made.WaitForExit();
        }

        return path;
    }

    private sealed record Recipe
    {
        public string Name { get; init; } = "";
    }
}
