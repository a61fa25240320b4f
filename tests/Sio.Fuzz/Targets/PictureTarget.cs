using Sio.Data.Images;

namespace Sio.Fuzz.Targets;

/// <summary>Pictures of one format.</summary>
internal abstract class PictureTarget(string name, params string[] patterns) : FuzzTarget
{
    internal override string Name => name;

    internal override string FileName => "picture." + name;

    // A picture of one colour is small, and as large as the largest that is read.
    internal override long MostBytes => 8L * ImageFile.MaxPixels;

    internal override IReadOnlyList<byte[]> Seeds() => Files("images", patterns);

    internal override void Read(string path) => ImageFile.Read(path);
}

/// <summary>PNG.</summary>
internal sealed class PngTarget() : PictureTarget("png", "*.png");

/// <summary>JPEG.</summary>
internal sealed class JpegTarget() : PictureTarget("jpg", "*.jpg");

/// <summary>BMP.</summary>
internal sealed class BmpTarget() : PictureTarget("bmp", "*.bmp");

/// <summary>GIF.</summary>
internal sealed class GifTarget() : PictureTarget("gif", "*.gif");

/// <summary>WebP.</summary>
internal sealed class WebPTarget() : PictureTarget("webp", "*.webp");
