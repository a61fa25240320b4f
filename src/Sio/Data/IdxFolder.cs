namespace Sio.Data;

/// <summary>A folder of IDX files under MNIST's names, as Fashion-MNIST, notMNIST and others have them too.</summary>
internal static class IdxFolder
{
    private const int Classes = 10;

    /// <summary>Loads one split: <c>train-</c> or <c>t10k-images-idx3-ubyte[.gz]</c> and the labels beside it.</summary>
    public static ImageSet Load(string folder, Split split, string name, IReadOnlyList<string> classNames)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
            throw new DataException($"{folder}: no such folder, one with IDX files ({Stem(split, "images-idx3")}[.gz]) was expected.");

        var imagesPath = Find(folder, Stem(split, "images-idx3"));
        var labelsPath = Find(folder, Stem(split, "labels-idx1"));
        var images = Idx.ReadImages(imagesPath);
        var labels = Idx.ReadLabels(labelsPath);
        if (labels.Length != images.Count)
            throw new DataException($"{labelsPath}: holds {labels.Length} labels, {images.Count} were expected, one per image of {imagesPath}.");

        var bad = Array.FindIndex(labels, l => l >= Classes);
        if (bad >= 0)
            throw new DataException($"{labelsPath}: label {labels[bad]} of image {bad} is out of range, 0..{Classes - 1} was expected.");
        return new ImageSet(name, images.Pixels, Array.ConvertAll(labels, l => (int)l), 1, images.Height, images.Width, Classes, classNames);
    }

    /// <summary>Whether a folder has IDX images under MNIST's names, of either split.</summary>
    public static bool Has(string folder) => Directory.Exists(folder) && Splits(folder).Any();

    /// <summary>Whether a folder has the IDX images of a split.</summary>
    public static bool Has(string folder, Split split) => Directory.Exists(folder) && Splits(folder).Contains(split);

    /// <summary>All images of a folder, those of the training split first, as out-of-distribution images; labels are not read.</summary>
    public static ImageSet LoadImages(string folder, string name)
    {
        var parts = Splits(folder).Select(split => Idx.ReadImages(Find(folder, Stem(split, "images-idx3")))).ToArray();
        var first = parts.Length > 0 ? parts[0] : throw new DataException($"{folder}: has no IDX images under MNIST's names.");
        if (parts.Any(part => (part.Height, part.Width) != (first.Height, first.Width)))
            throw new DataException($"{folder}: the images of its two splits are of different sizes.");
        var count = parts.Sum(part => part.Count);
        return new ImageSet(
            name, [.. parts.SelectMany(part => part.Pixels)], Enumerable.Repeat(ImageSet.OodLabel, count).ToArray(), 1, first.Height, first.Width, 0);
    }

    private static IEnumerable<Split> Splits(string folder) => new[] { Split.Train, Split.Test }
        .Where(split => File.Exists(Path.Combine(folder, Stem(split, "images-idx3"))) || File.Exists(Path.Combine(folder, Stem(split, "images-idx3") + ".gz")));

    private static string Stem(Split split, string kind) => $"{(split == Split.Train ? "train" : "t10k")}-{kind}-ubyte";

    private static string Find(string folder, string stem)
    {
        var raw = Path.Combine(folder, stem);
        if (File.Exists(raw))
            return raw;
        var gzipped = raw + ".gz";
        return File.Exists(gzipped) ? gzipped : throw new DataException($"{raw}: not found, nor {stem}.gz beside it.");
    }
}
