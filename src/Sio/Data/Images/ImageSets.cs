using Sio.Data.Shards;

namespace Sio.Data.Images;

/// <summary>Opens sets of image files of any size: decoded into memory where they fit there, else read from their files as they are needed.</summary>
public static class ImageSets
{
    /// <summary>The most bytes that a set takes in memory unless a caller says otherwise: 1 GB, some 6,600 images of 3×224×224.</summary>
    public const long DefaultMemoryLimit = 1_000_000_000;

    /// <summary>Opens the images of a listing.</summary>
    /// <param name="listing">The images.</param>
    /// <param name="name">The set's name.</param>
    /// <param name="preparation">What becomes of each picture; null for RGB at its own size.</param>
    /// <param name="cache">Where to look first, and to keep a set that goes into memory; null for nowhere.</param>
    /// <param name="memoryLimit">The most bytes (count × C × H × W) of a set in memory, ≥ 0; a larger set is read from its files. An array's 2 GB are a limit anyway.</param>
    /// <param name="threads">Pictures decoded at a time; 0 for one per processor.</param>
    /// <param name="tell">Is told on one line that a set is read from its files, and what <see cref="ImageListing.Notes"/> say.</param>
    /// <param name="cancellation">Stops between pictures.</param>
    /// <exception cref="DataException">An image is missing, or, of those that are read here, damaged or of another size than the first.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static ImageSet Open(
        ImageListing listing, string name, ImagePreparation? preparation = null, ImageSetCache? cache = null, long memoryLimit = DefaultMemoryLimit, int threads = 0,
        Action<string>? tell = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(listing);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfNegative(memoryLimit);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        preparation ??= new ImagePreparation();
        foreach (var note in listing.Notes)
            tell?.Invoke(note);
        if (Fits(listing.Images.Count, ImageFileSource.SizeOf(listing, preparation), memoryLimit))
            return ImageFolder.Load(listing, name, preparation, cache, threads, cancellation);
        var set = new ImageSet(
            name, new ImageFileSource(listing, preparation), [.. listing.Images.Select(image => image.Label)], listing.ClassCount, listing.ClassNames, threads);
        tell?.Invoke(IsStreamed(set, memoryLimit));
        return set;
    }

    /// <summary>Opens the images of tar shards. They must not be compressed: images are read one by one, in any order.</summary>
    /// <param name="shards">The archives, whose headers are all read here.</param>
    /// <param name="name">The set's name.</param>
    /// <param name="preparation">What becomes of each picture; null for RGB at its own size.</param>
    /// <param name="classCount">The number of classes; null for as many as the highest label needs. Where no sample has a label, all are out-of-distribution images.</param>
    /// <param name="classNames">A name per class, or null if there are none.</param>
    /// <param name="memoryLimit">The most bytes (count × C × H × W) of a set in memory, ≥ 0; a larger set is read from its shards.</param>
    /// <param name="threads">Pictures decoded at a time; 0 for one per processor.</param>
    /// <param name="tell">Is told on one line that a set is read from its shards.</param>
    /// <param name="cancellation">Stops between pictures.</param>
    /// <exception cref="DataException">A shard is missing, compressed, damaged or truncated; there are no images, labels for some of them only, or labels that are none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static ImageSet Open(
        ShardSet shards, string name, ImagePreparation? preparation = null, int? classCount = null, IReadOnlyList<string>? classNames = null,
        long memoryLimit = DefaultMemoryLimit, int threads = 0, Action<string>? tell = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(shards);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfNegative(memoryLimit);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        ArgumentOutOfRangeException.ThrowIfNegative(classCount ?? 0);
        var source = new ShardSource(shards, preparation, cancellation);
        var labels = source.Labels(classCount);
        if (source.Repeated > 0)
            tell?.Invoke(ImageSet.Text($"'{name}': {source.Repeated} images of its shards are there twice, under one name in one shard, and count twice"));
        var set = new ImageSet(name, source, labels, classCount ?? labels.Max() + 1, classNames, threads);
        if (Fits(set.Count, source.Size, memoryLimit))
            return set.ToMemory(cancellation);
        tell?.Invoke(IsStreamed(set, memoryLimit));
        return set;
    }

    private static bool Fits(int count, ImageSize size, long limit) => (Int128)count * size.Channels * size.Height * size.Width <= Math.Min(limit, Array.MaxLength);

    private static string IsStreamed(ImageSet set, long limit)
    {
        var size = (double)set.Count * set.ImageLength;
        return ImageSet.Text(
            $"'{set.Name}': {set.Count} images of {set.Channels}×{set.Height}×{set.Width} would take {size / 1e9:0.###} GB, more than the {Math.Min(limit, Array.MaxLength) / 1e9:0.###} GB that are kept in memory; each is read from its file when it is needed");
    }
}
