namespace Sio.Data.Images;

/// <summary>Brings sets in memory to another size and number of channels, as image files are when they are decoded.</summary>
public static class ResizedSets
{
    /// <summary>Prepares each image: here, where they then fit into memory, else when it is asked for.</summary>
    /// <param name="set">The set; 1 or 3 channels.</param>
    /// <param name="preparation">What becomes of each picture.</param>
    /// <param name="memoryLimit">The most bytes (count × C × H × W) that the result takes in memory, ≥ 0.</param>
    /// <param name="tell">Is told on one line that images are resized anew each time.</param>
    /// <returns>The set itself where its images are of that size and those channels already.</returns>
    /// <exception cref="DataException">The images have neither 1 nor 3 channels, or are too narrow.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public static ImageSet Bring(ImageSet set, ImagePreparation preparation, long memoryLimit = ImageSets.DefaultMemoryLimit, Action<string>? tell = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(preparation);
        preparation.Check();
        if (set.Count == 0 || IsSo(set, preparation))
            return set;
        if (set.Channels is not (1 or 3))
            throw new DataException($"{set}: images of 1 or 3 channels can be brought to another size");
        var first = PreparedImages.Prepare(ToPicture(set, 0), set.Name, preparation);
        var length = first.Pixels.Length;
        if ((long)length * set.Count > Math.Min(memoryLimit, Array.MaxLength))
        {
            tell?.Invoke(ImageSet.Text($"'{set.Name}': {set.Count} images would take {(long)length * set.Count / 1e9:0.###} GB at {first.Channels}×{first.Height}×{first.Width}; each is brought to that size when it is needed"));
            return new ImageSet(set.Name, new ResizedSource(set, preparation, new ImageSize(first.Channels, first.Height, first.Width)), set.Labels, set.ClassCount, set.ClassNames);
        }

        var pixels = GC.AllocateUninitializedArray<byte>(length * set.Count);
        Parallel.For(0, set.Count, i => Planes.Write(preparation.Apply(ToPicture(set, i)), pixels.AsSpan(i * length, length)));
        return new ImageSet(set.Name, pixels, set.Labels, first.Channels, first.Height, first.Width, set.ClassCount, set.ClassNames);
    }

    // Images of the final size are done, whatever they would be resized to before the middle is cut out: 256 before 224, say.
    private static bool IsSo(ImageSet set, ImagePreparation preparation) =>
        set.Channels == preparation.Channels
        && (preparation.Crop is { } crop ? (set.Height, set.Width) == (crop, crop) : preparation.ShorterSide is not { } side || Math.Min(set.Height, set.Width) == side);

    private static StoredPicture ToPicture(ImageSet set, int index) =>
        new(set.Width, set.Height, box => Planes.ToPicture(set.Image(index), new ImageSize(set.Channels, set.Height, set.Width), box));
}
