using Sio.Data;

namespace Sio.Tests.Data.Images;

/// <summary>A folder of image files of a test's own.</summary>
internal sealed class ImageTree : IDisposable
{
    private readonly TempFolder _folder = new();

    public string Root => _folder.Path;

    public string Path(string path) => System.IO.Path.Combine(Root, path);

    public string Write(string path, byte[] content)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path(path))!);
        File.WriteAllBytes(Path(path), content);
        return Path(path);
    }

    /// <summary>A PNG file of one colour.</summary>
    public string WritePng(string path, byte value, int width = 4, int height = 4, int channels = 3)
    {
        var pixels = new byte[width * height * channels];
        pixels.AsSpan().Fill(value);
        return Write(path, Png.Encode(new Picture(width, height, channels, pixels)));
    }

    public void Dispose() => _folder.Dispose();
}
