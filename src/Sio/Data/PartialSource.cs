using Sio.Data.Images;

namespace Sio.Data;

/// <summary>
/// Some images of a data set of which all labels are known. Choices are made among all of them, so that a seed draws the same images
/// whether the rest is here or not; an image that is not here cannot be read, and no other takes its place.
/// </summary>
internal sealed class PartialSource : IImageSource
{
    private readonly string _name;
    private readonly string _remedy;
    private readonly byte[] _pixels;
    private readonly Dictionary<int, int> _slots;

    /// <summary>Makes a source of images that are here.</summary>
    /// <param name="name">What the whole is called in messages: <c>Fashion-MNIST's training set</c>.</param>
    /// <param name="remedy">How to get the whole, for messages.</param>
    /// <param name="pixels">The images that are here, one after the other.</param>
    /// <param name="indices">The place of each in the whole.</param>
    /// <param name="count">Images of the whole.</param>
    /// <param name="size">Size of each.</param>
    /// <exception cref="DataException">A place is none of the whole, or is given twice; or there are not as many pixels as that.</exception>
    internal PartialSource(string name, string remedy, byte[] pixels, int[] indices, int count, ImageSize size)
    {
        (_name, _remedy, _pixels, Count, Size) = (name, remedy, pixels, count, size);
        if (pixels.Length != (long)indices.Length * Length)
            throw new DataException(ImageSet.Text($"{name}: {indices.Length} places for {pixels.Length / Length} images"));
        _slots = new Dictionary<int, int>(indices.Length);
        for (var slot = 0; slot < indices.Length; slot++)
        {
            if ((uint)indices[slot] >= (uint)count || !_slots.TryAdd(indices[slot], slot))
                throw new DataException(ImageSet.Text($"{name}: place {indices[slot]} is given twice, or is none of 0 to {count - 1}"));
        }
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public ImageSize Size { get; }

    private int Length => Size.Channels * Size.Height * Size.Width;

    /// <inheritdoc/>
    public string Identity(int index) => ImageSet.Text($"{_name}\0{index}");

    /// <inheritdoc/>
    public string? Location(int index) => null;

    /// <inheritdoc/>
    public void Read(int index, Span<byte> destination)
    {
        if (!_slots.TryGetValue(index, out var slot))
            throw Missing(_name, [index]);
        _pixels.AsSpan(slot * Length, Length).CopyTo(destination);
    }

    /// <inheritdoc/>
    public void ReadCrop(int index, RandomResizedCrop crop, RandomStream random, Span<byte> destination)
    {
        var image = new byte[Length];
        Read(index, image);
        var part = Planes.ToPicture(image, Size, crop.Draw(Size.Width, Size.Height, random));
        Planes.Write(Resampler.Resize(part, Size.Width, Size.Height, Resampling.Bilinear), destination);
    }

    /// <summary>The pixels of a choice of images, or null where one of them is not here.</summary>
    internal byte[]? TryCopy(ReadOnlySpan<int> places)
    {
        foreach (var place in places)
        {
            if (!_slots.ContainsKey(place))
                return null;
        }

        var pixels = GC.AllocateUninitializedArray<byte>(places.Length * Length);
        for (var i = 0; i < places.Length; i++)
            Read(places[i], pixels.AsSpan(i * Length, Length));
        return pixels;
    }

    /// <summary>What to say of a choice of images of which some are not here.</summary>
    internal DataException Missing(string set, IReadOnlyCollection<int> places)
    {
        var missing = places.Count(place => !_slots.ContainsKey(place));
        return new DataException(ImageSet.Text($"{set}: {missing} of its {places.Count} images do not ship with the program, ")
            + ImageSet.Text($"which has {_slots.Count} of the {Count} images of {_name}: {_remedy}"));
    }
}
