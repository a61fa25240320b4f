using System.Security.Cryptography;

namespace Sio.Data.Images;

/// <summary>The images of a set in memory, each brought to another size when it is asked for: what is kept is the small set, however large its images become.</summary>
internal sealed class ResizedSource : IImageSource
{
    private readonly ImageSet _set;
    private readonly ImagePreparation _preparation;
    private readonly ImageSize _from;

    /// <summary>Notes what is to be done.</summary>
    /// <param name="set">At least one image, of 1 or 3 channels.</param>
    /// <param name="preparation">What becomes of each picture.</param>
    /// <param name="size">The size that they come to.</param>
    internal ResizedSource(ImageSet set, ImagePreparation preparation, ImageSize size) =>
        (_set, _preparation, _from, Size) = (set, preparation, new ImageSize(set.Channels, set.Height, set.Width), size);

    public int Count => _set.Count;

    public ImageSize Size { get; }

    public string Identity(int index) => $"pixels\0{Convert.ToHexStringLower(SHA256.HashData(_set.Image(index)))}\0{_preparation.Text}";

    public string? Location(int index) => _set.LocationOf(index);

    public void Read(int index, Span<byte> destination) => PreparedImages.Write(ToPicture(index), _set.Name, _preparation, Size, destination);

    public void ReadCrop(int index, RandomResizedCrop crop, RandomStream random, Span<byte> destination) =>
        PreparedImages.WriteCrop(ToPicture(index), _preparation, Size, crop, random, destination);

    private StoredPicture ToPicture(int index) => new(_from.Width, _from.Height, box => Planes.ToPicture(_set.Image(index), _from, box));
}
