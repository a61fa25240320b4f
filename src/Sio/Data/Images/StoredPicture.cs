namespace Sio.Data.Images;

/// <summary>
/// A picture whose pixels may still be in its file. Of a JPEG file what is not needed is not decoded, which is where most of the time goes.
/// </summary>
internal sealed class StoredPicture
{
    private readonly Func<CropBox, Picture> _decode;

    /// <summary>A picture that is decoded when it is asked for.</summary>
    /// <param name="width">Pixels per row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="decode">Decodes a part.</param>
    internal StoredPicture(int width, int height, Func<CropBox, Picture> decode) => (Width, Height, _decode) = (width, height, decode);

    /// <summary>A picture that is decoded.</summary>
    internal StoredPicture(Picture picture)
        : this(picture.Width, picture.Height, box => Cropping.Crop(picture, box))
    {
    }

    /// <summary>Pixels per row.</summary>
    internal int Width { get; }

    /// <summary>Rows.</summary>
    internal int Height { get; }

    /// <summary>All of it.</summary>
    /// <exception cref="DataException">The file is damaged.</exception>
    internal Picture Whole() => Part(new CropBox(0, 0, Width, Height));

    /// <summary>A part of it, with the file's own channels.</summary>
    /// <exception cref="DataException">The file is damaged.</exception>
    internal Picture Part(CropBox box) => _decode(box);
}
