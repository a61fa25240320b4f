namespace Sio.Data.Images;

/// <summary>Brings sets in memory to another size and number of channels, as image files are when they are decoded.</summary>
public static class ResizedSets
{
    /// <summary>Prepares each image.</summary>
    /// <param name="set">The set; 1 or 3 channels.</param>
    /// <param name="preparation">What becomes of each picture.</param>
    /// <returns>The set itself where its images are so already.</returns>
    /// <exception cref="DataException">The images have neither 1 nor 3 channels, or more than 2 GiB would be needed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public static ImageSet Bring(ImageSet set, ImagePreparation preparation)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(preparation);
        preparation.Check();
        if (set.Count == 0 || IsSo(set, preparation))
            return set;
        if (set.Channels is not (1 or 3))
            throw new DataException($"{set}: images of 1 or 3 channels can be brought to another size");
        var first = preparation.Apply(ToPicture(set, 0));
        var length = first.Pixels.Length;
        if ((long)length * set.Count > Array.MaxLength)
            throw new DataException(ImageSet.Text($"{set}: at {first.Channels}×{first.Height}×{first.Width} it needs {(long)length * set.Count / 1e9:F1} GB, more than the 2.1 GB that a set in memory can have"));
        var pixels = GC.AllocateUninitializedArray<byte>(length * set.Count);
        Parallel.For(0, set.Count, i => Planes.Write(preparation.Apply(ToPicture(set, i)), pixels.AsSpan(i * length, length)));
        return new ImageSet(set.Name, pixels, set.Labels, first.Channels, first.Height, first.Width, set.ClassCount, set.ClassNames);
    }

    private static bool IsSo(ImageSet set, ImagePreparation preparation) =>
        set.Channels == preparation.Channels
        && (preparation.ShorterSide is not { } side || Math.Min(set.Height, set.Width) == side)
        && (preparation.Crop is not { } crop || (set.Height, set.Width) == (crop, crop));

    private static Picture ToPicture(ImageSet set, int index) =>
        Planes.ToPicture(set.Image(index), new ImageSize(set.Channels, set.Height, set.Width), new CropBox(0, 0, set.Width, set.Height));
}
