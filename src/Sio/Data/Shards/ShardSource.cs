using Sio.Data.Images;

namespace Sio.Data.Shards;

/// <summary>The images of uncompressed tar shards, each read, decoded and prepared when it is asked for. In memory are their names and places.</summary>
public sealed class ShardSource : IImageSource
{
    private readonly ShardSet _shards;
    private readonly IReadOnlyList<ShardEntry> _entries;
    private readonly ImagePreparation _preparation;

    /// <summary>Reads the shards' headers; no image is decoded where the preparation says how large images become (<see cref="ImagePreparation.Crop"/>), else the first.</summary>
    /// <param name="shards">The archives.</param>
    /// <param name="preparation">What becomes of each picture; null for RGB at its own size, which must then be the same for all.</param>
    /// <param name="cancellation">Stops between entries.</param>
    /// <exception cref="DataException">A shard is missing, compressed, damaged or truncated, there are no images, or the first one cannot be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public ShardSource(ShardSet shards, ImagePreparation? preparation = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(shards);
        _shards = shards;
        _preparation = preparation ?? new ImagePreparation();
        _preparation.Check();
        _entries = shards.Index(cancellation);
        if (_entries.Count == 0)
            throw new DataException($"{shards.Shards[0]}: has no images{(shards.Shards.Count > 1 ? ImageSet.Text($", nor have the {shards.Shards.Count - 1} shards after it") : string.Empty)}.");
        Size = PreparedImages.SizeOf(_preparation, () => Decode(0), Location(0));
    }

    /// <summary>How many images have the name of one before them in the same shard.</summary>
    internal int Repeated => _entries.Count - _entries.Select(entry => (entry.Shard, entry.Key, entry.Extension)).Distinct().Count();

    /// <inheritdoc/>
    public int Count => _entries.Count;

    /// <inheritdoc/>
    public ImageSize Size { get; }

    /// <inheritdoc/>
    public string Identity(int index)
    {
        var entry = _entries[index];
        return ImageSet.Text($"{Path.GetFileName(_shards.Shards[entry.Shard])}/{entry.Key}.{entry.Extension}\0{entry.Length}\0{_preparation.Text}");
    }

    /// <inheritdoc/>
    public string Location(int index) => $"{Path.GetFullPath(_shards.Shards[_entries[index].Shard])}: {_entries[index].Key}.{_entries[index].Extension}";

    /// <inheritdoc/>
    public void Read(int index, Span<byte> destination) => PreparedImages.Write(Decode(index), Location(index), _preparation, Size, destination);

    /// <inheritdoc/>
    public void ReadCrop(int index, RandomResizedCrop crop, RandomStream random, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(crop);
        PreparedImages.WriteCrop(Decode(index), _preparation, Size, crop, random, destination);
    }

    /// <summary>The images' labels; <see cref="ImageSet.OodLabel"/> for all where none has one.</summary>
    /// <exception cref="DataException">A label is out of range, or some images have one and others do not.</exception>
    internal int[] Labels(int? classCount)
    {
        var highest = (classCount ?? ImageListing.MaxClasses) - 1;
        var labelled = _entries[0].Label is not null;
        var labels = new int[_entries.Count];
        for (var i = 0; i < labels.Length; i++)
        {
            if (_entries[i].Label is not null != labelled)
                throw new DataException($"{Location(i)}: has {(labelled ? "no" : "a")} label (.cls or .json), other than the images before it; a label for all or for none was expected.");
            labels[i] = _entries[i].Label ?? ImageSet.OodLabel;
            if (labels[i] < ImageSet.OodLabel || labels[i] > highest)
                throw new DataException(ImageSet.Text($"{Location(i)}: has the label {labels[i]}, {ImageSet.OodLabel} to {highest} was expected."));
        }

        return labels;
    }

    private StoredPicture Decode(int index) => ImageFile.Open(_shards.ReadImage(_entries[index]), Location(index));
}
