using Sio.Data.Images;

namespace Sio.Data;

/// <summary>
/// Images that are read one by one where they are needed: what is behind an <see cref="ImageSet"/> that is too large for memory. All come out at one size. Several threads read at once.
/// </summary>
public interface IImageSource
{
    /// <summary>The number of images, ≥ 0.</summary>
    public int Count { get; }

    /// <summary>The size that every image is brought to.</summary>
    public ImageSize Size { get; }

    /// <summary>What the image is, without reading it: its path within the set, its file's length, and what is done to it. The hash of a set is made of these.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    public string Identity(int index);

    /// <summary>Where the image is kept, the same for all sets that have it; null where that is no file.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    public string? Location(int index);

    /// <summary>Reads an image as networks are measured with it.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    /// <param name="destination">Exactly C×H×W bytes, all of which are written.</param>
    /// <exception cref="DataException">The image is missing, truncated, damaged or of another size; the message names its file.</exception>
    public void Read(int index, Span<byte> destination);

    /// <summary>Reads a random part of an image, as networks are trained with it: of the image as it is kept, before it was made smaller.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    /// <param name="crop">Draws the part.</param>
    /// <param name="random">What it draws from.</param>
    /// <param name="destination">Exactly C×H×W bytes, all of which are written.</param>
    /// <exception cref="DataException">As for <see cref="Read"/>.</exception>
    public void ReadCrop(int index, RandomResizedCrop crop, RandomStream random, Span<byte> destination);
}
