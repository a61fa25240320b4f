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
