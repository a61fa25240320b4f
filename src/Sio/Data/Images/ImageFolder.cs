namespace Sio.Data.Images;

/// <summary>Decodes listed image files into an image set in memory.</summary>
public static class ImageFolder
{
    /// <summary>Decodes the images of a listing, several at a time; the set is the same whatever the threads.</summary>
    /// <param name="listing">The images.</param>
    /// <param name="name">The set's name.</param>
    /// <param name="preparation">What becomes of each picture; null for RGB at its own size.</param>
    /// <param name="cache">Where to look first, and to keep the set; null for nowhere.</param>
    /// <param name="threads">Pictures decoded at a time; 0 for one per processor.</param>
    /// <param name="cancellation">Stops between pictures.</param>
    /// <exception cref="DataException">
    /// An image is missing or cannot be read, sizes differ and the settings do not make them one, or the set is larger than an array. Of several such images the first
    /// in the listing's order is told.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static ImageSet Load(
        ImageListing listing, string name, ImagePreparation? preparation = null, ImageSetCache? cache = null, int threads = 0, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(listing);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        preparation ??= new ImagePreparation();
        preparation.Check();
        if (cache is null)
            return Decode(listing, name, preparation, threads, cancellation);
        var key = ImageSetCache.Key(listing, preparation);
        if (cache.TryRead(key, listing, name) is { } known)
            return known;
        var set = Decode(listing, name, preparation, threads, cancellation);
        // A file that changed while it was decoded would otherwise be known by what it was before.
        if (ImageSetCache.Key(listing, preparation) == key)
            cache.Write(key, set);
        return set;
    }

    private static ImageSet Decode(ImageListing listing, string name, ImagePreparation preparation, int threads, CancellationToken cancellation)
    {
        var images = listing.Images;
        var first = Prepared(listing, 0, preparation);
        var length = first.Pixels.Length;
        if ((long)length * images.Count > Array.MaxLength)
        {
            throw new DataException(
                $"{listing.Source}: {images.Count} images of {first.Channels}×{first.Height}×{first.Width} need {(long)length * images.Count / 1e9:F1} GB, more than the 2.1 GB that a set in memory can have; name a smaller size.");
        }

        var pixels = GC.AllocateUninitializedArray<byte>(length * images.Count);
        ParallelImages.For(images.Count, threads == 0 ? Environment.ProcessorCount : threads, i =>
        {
            var picture = i == 0 ? first : Prepared(listing, i, preparation);
            if ((picture.Width, picture.Height) != (first.Width, first.Height))
            {
                throw new DataException(
                    $"{PathOf(listing, i)}: is {picture.Width}×{picture.Height}, but {PathOf(listing, 0)} is {first.Width}×{first.Height}; name a size that all are brought to.");
            }

            Planes.Write(picture, pixels.AsSpan(i * length, length));
        }, cancellation);
        return Labelled(listing, name, pixels, preparation.Channels, first.Height, first.Width);
    }

    /// <summary>A set of a listing's labels and pixels that were decoded for it.</summary>
    internal static ImageSet Labelled(ImageListing listing, string name, byte[] pixels, int channels, int height, int width) =>
        new(name, pixels, [.. listing.Images.Select(image => image.Label)], channels, height, width, listing.ClassCount, listing.ClassNames);

    internal static string PathOf(ImageListing listing, int index) => Path.Combine(listing.Root, listing.Images[index].Path);

    private static Picture Prepared(ImageListing listing, int index, ImagePreparation preparation)
    {
        var path = PathOf(listing, index);
        if (!File.Exists(path))
            throw listing.Missing();
        return PreparedImages.Prepare(ImageFile.Open(path), path, preparation);
    }
}
