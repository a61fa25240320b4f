using Sio.Data;
using Sio.Data.Images;
using Sio.Fuzz.Mutation;
using Sio.Fuzz.Seeds;

namespace Sio.Fuzz.Targets;

/// <summary>Files of pictures: decoded whole, as training takes a part of them, and as evaluation takes the middle.</summary>
internal abstract class PictureTarget(string ending) : FuzzTarget
{
    private static readonly ImagePreparation s_square = ImagePreparation.Square(8);

    // One colour takes a few bytes, however large it is painted. ImageFile.MaxPixels bounds what is decoded, four bytes a pixel and then three;
    // that happens three times here.
    internal sealed override long MoreBytes => 3L * 7 * ImageFile.MaxPixels;

    internal sealed override IEnumerable<Seed> Seeds() => SeedFiles.ReadAll("images", ending).Select(bytes => new Seed("input" + ending, bytes));

    internal sealed override void Read(string path)
    {
        var picture = ImageFile.Read(path);
        if (picture.Pixels.Length != picture.Width * picture.Height * picture.Channels)
            throw new InvalidOperationException("the picture has another number of pixels than its sizes say");
        var size = new ImageSize(3, 8, 8);
        var pixels = new byte[size.Length];
        PreparedImages.Write(ImageFile.Open(path), path, s_square, size, pixels);
        PreparedImages.WriteCrop(ImageFile.Open(path), s_square, size, new RandomResizedCrop(), RandomStream.For(0, "crop"), pixels);
    }
}

/// <summary>PNG.</summary>
[CatalogEntry("png", "PNG pictures")]
internal sealed class PngTarget() : PictureTarget(".png")
{
    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, new PngBlocks(), new PngBlocks()];
}

/// <summary>JPEG.</summary>
[CatalogEntry("jpeg", "JPEG pictures")]
internal sealed class JpegTarget() : PictureTarget(".jpg")
{
    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, new JpegSegments()];
}

/// <summary>BMP.</summary>
[CatalogEntry("bmp", "BMP pictures")]
internal sealed class BmpTarget() : PictureTarget(".bmp");

/// <summary>GIF.</summary>
[CatalogEntry("gif", "GIF pictures")]
internal sealed class GifTarget() : PictureTarget(".gif");

/// <summary>WebP.</summary>
[CatalogEntry("webp", "WebP pictures")]
internal sealed class WebPTarget() : PictureTarget(".webp");
