using System.IO.Compression;
using System.Text;
using Sio.Data;

namespace Sio.Tests.Data;

/// <summary>Arrays of images as people have them: another order of axes, and more in the file than images and labels.</summary>
public sealed class ImageArrayTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(3, 28, 28)]
    [InlineData(1, 28, 28)]
    public void Channels_before_height_are_rejected_with_the_transpose_that_mends_it(int channels, int height, int width)
    {
        var path = _folder.File("a.npz");
        Npz.Write(path, ("images", NpyArray.Create(new byte[2 * channels * height * width], 2, channels, height, width)), ("labels", NpyArray.Create(new long[] { 0, 1 }, 2)));
        foreach (var load in new Func<object>[] { () => SyntheticSet.Load(path), () => SyntheticSet.LoadOutOfDistribution(path, "o") })
        {
            var message = Assert.Throws<DataException>(load).Message;
            Assert.StartsWith(path, message, StringComparison.Ordinal);
            Assert.Contains("(N, C, H, W)", message, StringComparison.Ordinal);
            Assert.Contains("images.transpose(0, 2, 3, 1)", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Images_three_pixels_high_are_no_channels()
    {
        var path = _folder.File("a.npz");
        Npz.Write(path, ("images", NpyArray.Create(new byte[2 * 3 * 5 * 3], 2, 3, 5, 3)), ("labels", NpyArray.Create(new long[] { 0, 1 }, 2)));
        Assert.Equal((3, 3, 5), (SyntheticSet.Load(path).Channels, SyntheticSet.Load(path).Height, SyntheticSet.Load(path).Width));
    }

    [Theory]
    [InlineData("<U4", 4)]
    [InlineData(">U4", 4)]
    [InlineData("|S4", 1)]
    public void Class_names_are_taken_and_what_else_the_file_holds_is_passed_over(string type, int width)
    {
        var path = Archive(type, width, ["cat", "dog", "büß"[..(width == 1 ? 1 : 3)]]);
        var set = SyntheticSet.Load(path);
        Assert.Equal((3, 3), (set.Count, set.ClassCount));
        Assert.Equal("cat", set.ClassNames![0]);
        Assert.Equal(width == 1 ? "b" : "büß", set.ClassNames[2]);
        Assert.Equal(3, SyntheticSet.LoadOutOfDistribution(path, "o").Count);
    }

    [Fact]
    public void Fewer_names_than_labels_are_rejected() =>
        Assert.Contains("has 2 class_names, and a label is 2", Assert.Throws<DataException>(() => SyntheticSet.Load(Archive("<U4", 4, ["cat", "dog"]))).Message, StringComparison.Ordinal);

    [Fact]
    public void Names_as_python_objects_are_passed_over() => Assert.Null(SyntheticSet.Load(Archive("|O", 4, ["cat", "dog", "fox"])).ClassNames);

    private string Archive(string type, int width, string[] names)
    {
        var path = _folder.File($"{Guid.NewGuid():N}.npz");
        Npz.Write(path, ("images", NpyArray.Create(new byte[3 * 4], 3, 2, 2)), ("labels", NpyArray.Create(new long[] { 0, 1, 2 }, 3)));
        using var archive = ZipFile.Open(path, ZipArchiveMode.Update);
        using (var readme = new StreamWriter(archive.CreateEntry("README.txt").Open()))
            readme.Write("made by me");
        var header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({names.Length},), }}\n";
        using var stream = archive.CreateEntry("class_names.npy").Open();
        stream.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0]);
        stream.Write(Encoding.ASCII.GetBytes(header));
        foreach (var name in names)
        {
            var bytes = width == 1 ? Encoding.Latin1.GetBytes(name) : type[0] == '>' ? new UTF32Encoding(true, false).GetBytes(name) : Encoding.UTF32.GetBytes(name);
            stream.Write([.. bytes, .. new byte[(4 * width) - bytes.Length]]);
        }

        return path;
    }
}
