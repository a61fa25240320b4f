using Sio.Data.Images;

namespace Sio.Data;

/// <content>The pixels: in memory, or read image by image.</content>
public sealed partial class ImageSet
{
    private readonly byte[]? _pixels;
    private readonly IImageSource? _source;

    // Where each image is in the source; null where all of the source's images are in their order.
    private readonly int[]? _places;

    /// <summary>Whether images are read from files where they are needed; otherwise all are in memory.</summary>
    public bool IsStreamed => _source is not null;

    /// <summary>Images that are read at a time, by who reads many: 1 for a set in memory. Changes speed, and nothing else.</summary>
    public int ReadingThreads { get; }

    /// <summary>0 to 255; image by image, channel by channel, row by row (N×C×H×W). Not to be changed.</summary>
    /// <exception cref="DataException">The set is read image by image.</exception>
    public byte[] Pixels => PixelsFor("what is asked of it");

    /// <summary>All pixels, for something that cannot do with fewer.</summary>
    /// <param name="purpose">What needs them, for the message: <c>training a generator</c>.</param>
    /// <exception cref="DataException">The set is read image by image; the message says what needs it in memory.</exception>
    public byte[] PixelsFor(string purpose) => _pixels ?? throw new DataException(Text(
        $"'{Name}' ({Count} images of {Channels}×{Height}×{Width}) is read from files image by image: {purpose} needs the whole set in memory; take fewer images, or a smaller size"));

    /// <summary>The pixels of one image (C×H×W). Of a set that is read from files it is read anew each time: <see cref="CopyImage"/> spares the array.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    /// <exception cref="DataException">The image's file is missing or cannot be read.</exception>
    public ReadOnlySpan<byte> Image(int index)
    {
        CheckIndex(index);
        if (_pixels is not null)
            return _pixels.AsSpan(index * ImageLength, ImageLength);
        var image = GC.AllocateUninitializedArray<byte>(ImageLength);
        _source!.Read(Place(index), image);
        return image;
    }

    /// <summary>Copies the pixels of one image.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    /// <param name="destination">Room for <see cref="ImageLength"/> bytes; more is left as it is.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    /// <exception cref="ArgumentException">There is too little room.</exception>
    /// <exception cref="DataException">The image's file is missing or cannot be read.</exception>
    public void CopyImage(int index, Span<byte> destination)
    {
        CheckIndex(index);
        var room = Room(destination);
        if (_pixels is not null)
            _pixels.AsSpan(index * ImageLength, ImageLength).CopyTo(room);
        else
            _source!.Read(Place(index), room);
    }

    /// <summary>
    /// Copies a random part of one image, brought to the set's size: cut out of the original file where the set is read from files, else out of the image as it is here
    /// (bilinear then).
    /// </summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    /// <param name="crop">Draws the part.</param>
    /// <param name="random">What it draws from.</param>
    /// <param name="destination">Room for <see cref="ImageLength"/> bytes; more is left as it is.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    /// <exception cref="ArgumentException">There is too little room, or images have other channels than 1 or 3.</exception>
    /// <exception cref="DataException">The image's file is missing or cannot be read.</exception>
    public void CopyCrop(int index, RandomResizedCrop crop, RandomStream random, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(crop);
        CheckIndex(index);
        var room = Room(destination);
        if (_source is not null)
        {
            _source.ReadCrop(Place(index), crop, random, room);
            return;
        }

        var size = new ImageSize(Channels, Height, Width);
        var part = Planes.ToPicture(Image(index), size, crop.Draw(Width, Height, random));
        Planes.Write(Resampler.Resize(part, Width, Height, Resampling.Bilinear), room);
    }

    /// <summary>Copies the pixels of consecutive images, several at a time where they are read from files.</summary>
    /// <param name="start">The first image.</param>
    /// <param name="count">How many.</param>
    /// <param name="cancellation">Stops between images.</param>
    /// <returns>As many images as asked for (count×C×H×W).</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are no such images.</exception>
    /// <exception cref="DataException">They are more than 2 GB, or a file is missing or cannot be read.</exception>
    public byte[] CopyImages(int start, int count, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count - start);
        if ((long)count * ImageLength > Array.MaxLength)
            throw new DataException(Text($"{count} images of '{Name}' ({Channels}×{Height}×{Width}) take {(long)count * ImageLength / 1e9:F1} GB, more than the 2.1 GB that can be in memory at once"));
        if (_pixels is not null)
            return _pixels.AsSpan(start * ImageLength, count * ImageLength).ToArray();
        var pixels = GC.AllocateUninitializedArray<byte>(count * ImageLength);
        ParallelImages.For(count, ReadingThreads, i => _source!.Read(Place(start + i), pixels.AsSpan(i * ImageLength, ImageLength)), cancellation);
        return pixels;
    }

    /// <summary>The same images in memory; this set itself where they are there.</summary>
    /// <param name="cancellation">Stops between images.</param>
    /// <exception cref="DataException">They are more than 2 GB, or a file is missing or cannot be read.</exception>
    public ImageSet ToMemory(CancellationToken cancellation = default) =>
        IsStreamed ? new(Name, CopyImages(0, Count, cancellation), Labels, Channels, Height, Width, ClassCount, ClassNames) : this;

    /// <summary>Where an image is kept, the same for all sets that have it; null where that is no file.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    public string? LocationOf(int index)
    {
        CheckIndex(index);
        return _source?.Location(Place(index));
    }

    /// <summary>This set, where all of its images can be read; otherwise it is known before the work begins.</summary>
    /// <exception cref="DataException">
    /// Only a part of a data set is here, and not all of these images are in it; the message says how to get the whole.
    /// </exception>
    internal ImageSet AllThere() =>
        _source is PartialSource part ? throw part.Missing(Name, _places ?? [.. Enumerable.Range(0, Count)]) : this;

    internal string IdentityOf(int index) => _source!.Identity(Place(index));

    private int Place(int index) => _places is null ? index : _places[index];

    private Span<byte> Room(Span<byte> destination) => destination.Length >= ImageLength
        ? destination[..ImageLength]
        : throw new ArgumentException(Text($"Room for {destination.Length} bytes, an image of '{Name}' takes {ImageLength}."), nameof(destination));

    private void CheckIndex(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
    }
}
