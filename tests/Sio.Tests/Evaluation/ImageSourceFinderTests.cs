using Sio.Evaluation.Benchmarks;
using Sio.Tests.Data;

namespace Sio.Tests.Evaluation;

/// <summary>What a text of sources names: alternatives are separated by a bar between blanks, and a path may have one.</summary>
public sealed class ImageSourceFinderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("set:svhn/test", "set:svhn/test")]
    [InlineData("openood:a.txt | set:b/test  |  c", "openood:a.txt;set:b/test;c")]
    [InlineData("a|b.npz", "a|b.npz")]
    [InlineData("a|b | c", "a|b;c")]
    [InlineData(" | a | ", "a")]
    [InlineData("  ", "")]
    public void A_bar_between_blanks_separates(string text, string expected) =>
        Assert.Equal(expected, string.Join(";", ImageSourceFinder.Alternatives(text)));

    [Fact]
    public void A_path_that_is_there_is_one_source_whatever_its_name()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no file may be called so");
        var path = Path.Combine(_folder.Path, "a | b.npz");
        File.WriteAllText(path, string.Empty);
        Assert.Equal(path, ImageSourceFinder.Absolute("a | b.npz", _folder.Path));
        Assert.Equal([path], ImageSourceFinder.Alternatives(path));
        Assert.Equal($"{Path.Combine(_folder.Path, "c")} | {Path.Combine(_folder.Path, "d")}", ImageSourceFinder.Absolute("c | d", _folder.Path));
    }
}
