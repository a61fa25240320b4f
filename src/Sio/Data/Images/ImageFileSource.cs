namespace Sio.Data.Images;

/// <summary>The images of a listing, each decoded and prepared when it is asked for. In memory are their names and the lengths of their files.</summary>
public sealed class ImageFileSource : IImageSource
{
    private readonly ImageListing _listing;
    private readonly ImagePreparation _preparation;
    private readonly long[] _lengths;

    /// <summary>Looks for the files; none is decoded where the preparation says how large images become (<see cref="ImagePreparation.Crop"/>), else the first.</summary>
    /// <param name="listing">The images.</param>
    /// <param name="preparation">What becomes of each picture; null for RGB at its own size, which must then be the same for all.</param>
    /// <exception cref="DataException">A file is missing, or the first one cannot be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public ImageFileSource(ImageListing listing, ImagePreparation? preparation = null)
    {
        ArgumentNullException.ThrowIfNull(listing);
        _listing = listing;
        _preparation = preparation ?? new ImagePreparation();
        Size = SizeOf(listing, _preparation);
        _lengths = new long[listing.Images.Count];
        for (var i = 0; i < _lengths.Length; i++)
        {
            var file = new FileInfo(PathOf(i));
            _lengths[i] = file.Exists ? file.Length : throw listing.Missing();
        }
    }

    /// <inheritdoc/>
    public int Count => _lengths.Length;

    /// <inheritdoc/>
    public ImageSize Size { get; }

    /// <inheritdoc/>
    public string Identity(int index) => ImageSet.Text($"{_listing.Images[index].Path}\0{_lengths[index]}\0{_preparation.Text}");

    /// <inheritdoc/>
    public string Location(int index) => Path.GetFullPath(PathOf(index));

    /// <inheritdoc/>
    public void Read(int index, Span<byte> destination)
    {
        var path = PathOf(index);
        PreparedImages.Write(ImageFile.Open(path), path, _preparation, Size, destination);
    }

    /// <inheritdoc/>
    public void ReadCrop(int index, RandomResizedCrop crop, RandomStream random, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(crop);
        PreparedImages.WriteCrop(ImageFile.Open(PathOf(index)), _preparation, Size, crop, random, destination);
    }

    /// <summary>The size that a listing's images come to.</summary>
    internal static ImageSize SizeOf(ImageListing listing, ImagePreparation preparation)
    {
        preparation.Check();
        var first = ImageFolder.PathOf(listing, 0);
        if (!File.Exists(first))
            throw listing.Missing();
        return PreparedImages.SizeOf(preparation, () => ImageFile.Open(first), first);
    }

    private string PathOf(int index) => ImageFolder.PathOf(_listing, index);
}
