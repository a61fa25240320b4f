using Sio.Data.Images;

namespace Sio.Data;

/// <summary>
/// Loads synthetic in-distribution images in the form of SIO's repository (Zhang et al. 2023, arXiv 2303.14531): a folder
/// with <c>images.npy</c> (N, H, W, C) and <c>labels.npy</c> (N), or an <c>.npz</c> with the arrays <c>images</c> and
/// <c>labels</c>. Two <c>.npy</c> files of any names will do, as SIO's downloads have them, since which of them is which shows
/// in their shapes; and a folder with a folder of image files (JPEG, PNG, WebP, GIF, BMP) per class.
/// </summary>
public static class SyntheticSet
{
    /// <summary>Labels must be below this; larger ones are taken for damage.</summary>
    public const int MaxClasses = 1 << 16;

    /// <summary>Loads a set with the labels it has.</summary>
    /// <param name="path">
    /// A folder or an <c>.npz</c>: images uint8 (N, H, W, C) or (N, H, W), labels (N) of any integer type. Or a folder of class folders, whose images must have one size here; they are numbered in the
    /// order of their names, by number where all are numbers, and keep the names.
    /// </param>
    /// <returns>The set in N×C×H×W, with as many classes as its highest label needs, or as an <c>.npz</c> has <c>class_names</c>. Other
    /// arrays of an <c>.npz</c> are passed over.</returns>
    /// <exception cref="DataException">
    /// A file is missing or damaged; an array has another type or shape; the numbers of images and labels differ; there are
    /// no images; or a label is negative or not below <see cref="MaxClasses"/>.
    /// </exception>
    public static ImageSet Load(string path) => LoadAsStored(path, null);

    /// <summary>Loads a set with the labels it has; images in class folders get the size of a real set's.</summary>
    /// <param name="path">As for <see cref="Load(string)"/>.</param>
    /// <param name="real">The set whose channels and size images of class folders are brought to; null to leave them as they are. Arrays are as they are.</param>
    /// <param name="tell">Is told on one line where images were brought to another size.</param>
    /// <param name="cancellation">Stops between files and pictures.</param>
    /// <exception cref="DataException">As for <see cref="Load(string)"/>.</exception>
    public static ImageSet LoadAsStored(string path, ImageSet? real, Action<string>? tell = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (ClassFolders.Has(path))
            return ClassFolders.Load(path, real, tell, cancellation);
        var (images, labels) = ReadArrays(path);
        // Which of SIO's pairs of files on Google Drive is which shows in the arrays alone.
        if (images.Shape.Length == 1 && labels.Shape.Length >= 3)
            (images, labels) = (labels, images);
        var (count, height, width, channels) = ImageShape(images);
        var classes = ReadLabels(labels, count, images.Source);
        var name = Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(path));
        var names = Directory.Exists(path) ? null : NpzNames.TryRead(path, "class_names");
        if (names is not null && names.Count <= classes.Max())
            throw new DataException(ImageSet.Text($"{path}: has {names.Count} class_names, and a label is {classes.Max()}; a name for each label from 0 was expected."));
        return new ImageSet(
            string.IsNullOrEmpty(name) ? "synthetic" : name, Pixels(images, count, height * width, channels), classes, channels, height, width, names?.Count ?? (classes.Max() + 1), names);
    }

    /// <summary>Loads the images of a set of the same form as out-of-distribution images: label −1, whatever labels it has, or none.</summary>
    /// <param name="path">A folder with <c>images.npy</c>, or an <c>.npz</c> with the array <c>images</c>.</param>
    /// <param name="name">The set's name.</param>
    /// <exception cref="DataException">The file is missing or damaged, has another type or shape, or holds no images.</exception>
    public static ImageSet LoadOutOfDistribution(string path, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var images = ReadArray(path, "images");
        var (count, height, width, channels) = ImageShape(images);
        return new ImageSet(name, Pixels(images, count, height * width, channels), Enumerable.Repeat(ImageSet.OodLabel, count).ToArray(), channels, height, width, 0);
    }

    /// <summary>Loads a set to train beside a real one; see <see cref="Load(string)"/> and <see cref="Match"/>.</summary>
    /// <param name="path">A folder or an <c>.npz</c>.</param>
    /// <param name="real">The real set.</param>
    /// <param name="labelMap">The synthetic set's label for each class of the real set, or null if they are numbered alike.</param>
    /// <param name="tell">Is told on one line where images of class folders were brought to another size, and where only their order says which class they are.</param>
    /// <param name="cancellation">Stops between files and pictures.</param>
    /// <exception cref="DataException">The set cannot be loaded or does not match the real one.</exception>
    public static ImageSet Load(string path, ImageSet real, IReadOnlyList<int>? labelMap = null, Action<string>? tell = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(real);
        return Match(LoadAsStored(path, real, tell, cancellation), real, path, labelMap, tell);
    }

    /// <summary>
    /// Checks that a synthetic set can be trained with beside a real one, and gives it the real set's labels and class
    /// names.
    /// </summary>
    /// <param name="synthetic">The synthetic set.</param>
    /// <param name="real">The real set.</param>
    /// <param name="source">What to call the synthetic set in messages, usually its path.</param>
    /// <param name="labelMap">
    /// The synthetic set's label for each class of the real set, e.g. 0, 1, 2, 5, 7, 8 where those Fashion-MNIST classes
    /// became 0 to 5; null if both are numbered alike.
    /// </param>
    /// <param name="tell">Is told on one line where only the order of class folders says which class they are.</param>
    /// <remarks>
    /// A set whose classes have names, as one of class folders has, is matched by these: a name is a class's of the real set, or its number; where not all names are, and there are as many classes, they are
    /// taken in order.
    /// </remarks>
    /// <exception cref="DataException">Channels, height or width differ, or a label has no class in the real set.</exception>
    /// <exception cref="ArgumentException">The map does not have one distinct label per class of the real set.</exception>
    public static ImageSet Match(ImageSet synthetic, ImageSet real, string source, IReadOnlyList<int>? labelMap = null, Action<string>? tell = null)
    {
        ArgumentNullException.ThrowIfNull(synthetic);
        ArgumentNullException.ThrowIfNull(real);
        if (!synthetic.HasSameImageSize(real))
        {
            throw new DataException(ImageSet.Text(
                $"{source}: holds images of {synthetic.Channels}×{synthetic.Height}×{synthetic.Width} (channels×height×width), {real.Channels}×{real.Height}×{real.Width} was expected, as in '{real.Name}'."));
        }

        var map = labelMap ?? [.. Enumerable.Range(0, real.ClassCount)];
        if (map.Count != real.ClassCount || map.Distinct().Count() != map.Count)
            throw new ArgumentException(ImageSet.Text($"{real.ClassCount} distinct labels are needed, one per class of '{real.Name}'."), nameof(labelMap));
        if (synthetic.ClassNames is { } folders)
        {
            var classes = ClassFolders.LabelsOf(folders, real, map, source, tell);
            return synthetic.Relabelled(Array.ConvertAll(synthetic.Labels, label => label < 0 ? label : classes[label]), real.ClassCount, real.ClassNames);
        }

        // A subset of a larger set's classes has two numberings, the larger set's and its own.
        if (labelMap is not null && synthetic.Labels.Except(map).Any() && synthetic.Labels.Distinct().Order().SequenceEqual(Enumerable.Range(0, real.ClassCount)))
        {
            tell?.Invoke(ImageSet.Text($"{source}: its labels 0 to {real.ClassCount - 1} are taken for the classes of '{real.Name}' in order, which go by {string.Join(", ", map.Take(10))}{(map.Count > 10 ? ", …" : string.Empty)} in the whole data set"));
            map = [.. Enumerable.Range(0, real.ClassCount)];
        }

        if (labelMap is null && real.ClassNames is { } realNames)
            map = NumbersOf(realNames, synthetic, real, source, tell) ?? map;
        var newLabels = new Dictionary<int, int>();
        for (var i = 0; i < map.Count; i++)
            newLabels.Add(map[i], i);

        var labels = new int[synthetic.Count];
        for (var i = 0; i < labels.Length; i++)
        {
            if (!newLabels.TryGetValue(synthetic.Labels[i], out labels[i]))
            {
                throw new DataException(ImageSet.Text(
                    $"{source}: label {synthetic.Labels[i]} of image {i} is no class of '{real.Name}', {string.Join(", ", map)} were expected."));
            }
        }

        return synthetic.Relabelled(labels, real.ClassCount, real.ClassNames);
    }

    // Class folders 1 to 11 are classes 0 to 10. Labels beside them may mean either.
    private static int[]? NumbersOf(IReadOnlyList<string> names, ImageSet synthetic, ImageSet real, string source, Action<string>? tell)
    {
        if (FolderNames.Numbers(names) is not { } numbers || numbers.Index().All(entry => entry.Item == entry.Index))
            return null;
        var labels = synthetic.Labels.ToHashSet();
        var (areNumbers, arePlaces) = (labels.IsSubsetOf(numbers), labels.All(label => label < names.Count));
        if (!areNumbers && !arePlaces)
            return null;
        var byNumber = areNumbers && !arePlaces;
        tell?.Invoke(ImageSet.Text(
            $"{source}: its labels are numbers, and so are the class folders of '{real.Name}', {names[0]} to {names[^1]}; label {(byNumber ? numbers[0] : 0)} is taken for the folder {names[0]}{(byNumber ? string.Empty : ", the first")}"));
        return byNumber ? numbers : null;
    }

    private static (NpyArray Images, NpyArray Labels) ReadArrays(string path)
    {
        if (path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase) && File.Exists(path))
            throw new DataException($"{path}: is one array, and images and labels are two: the folder with both files was expected.");
        if (!Directory.Exists(path) || File.Exists(Path.Combine(path, "images.npy")) || File.Exists(Path.Combine(path, "labels.npy")))
            return (ReadArray(path, "images"), ReadArray(path, "labels"));

        // As a browser saved them, under whatever names.
        string[] files = [.. Directory.GetFiles(path, "*.npy").Order(StringComparer.Ordinal)];
        return files.Length == 2 ? (Npy.Read(files[0]), Npy.Read(files[1])) : throw new DataException(ImageSet.Text(
            $"{path}: holds {files.Length} .npy files and no images.npy; images.npy and labels.npy, two .npy files (images and their labels), or a folder with images ({ImageEndings.Text}) for each class were expected."));
    }

    private static NpyArray ReadArray(string path, string name)
    {
        if (Directory.Exists(path))
            return Npy.Read(Path.Combine(path, name + ".npy"));
        if (!File.Exists(path))
            throw new DataException($"{path}: not found, a folder with images.npy and labels.npy, a folder with a folder per class, or an .npz was expected.");
        return Npz.Read(path, entry => entry == name).TryGetValue(name, out var array)
            ? array
            : throw new DataException($"{path}: has no array '{name}', 'images' and 'labels' were expected.");
    }

    private static byte[] Pixels(NpyArray images, int count, int area, int channels)
    {
        var pixels = images.Elements<byte>();
        return channels == 1 ? pixels : ToChannelsFirst(pixels, count, area, channels);
    }

    /// <summary>Rejects an array of images that has its channels before height and width, as PyTorch's tensors do.</summary>
    /// <exception cref="DataException">It looks like that.</exception>
    internal static void RefuseChannelsFirst(string source, ReadOnlySpan<long> shape)
    {
        if (shape.Length == 4 && shape[3] is not (1 or 3) && shape[1] is (1 or 3))
        {
            throw new DataException(
                $"{source}: is {NpyArray.FormatShape(shape)}, which looks like (N, C, H, W), and images (N, H, W, C) were expected; in Python, images.transpose(0, 2, 3, 1) mends it.");
        }
    }

    private static (int Count, int Height, int Width, int Channels) ImageShape(NpyArray images)
    {
        var shape = images.Shape;
        if (images.Type != NpyType.UInt8 || shape.Length is not (3 or 4))
            throw new DataException($"{images.Source}: is {images.ShapeText()} of {images.Type.Code()}, images (N, H, W, C) or (N, H, W) of u1 were expected.");
        RefuseChannelsFirst(images.Source, shape);
        // No size can be 0 or beyond int: the product of all of them is the array's length.
        if (images.Length == 0)
            throw new DataException($"{images.Source}: is {images.ShapeText()}, which holds no images.");
        return ((int)shape[0], (int)shape[1], (int)shape[2], shape.Length == 4 ? (int)shape[3] : 1);
    }

    private static int[] ReadLabels(NpyArray labels, int count, string images)
    {
        if (labels.Shape.Length != 1)
            throw new DataException($"{labels.Source}: has shape {labels.ShapeText()}, labels (N,) were expected.");
        var values = labels.ToInt64s();
        if (values.Length != count)
            throw new DataException(ImageSet.Text($"{labels.Source}: holds {values.Length} labels, {count} were expected, one per image of {images}."));
        var bad = Array.FindIndex(values, l => l is < 0 or >= MaxClasses);
        if (bad >= 0)
            throw new DataException(ImageSet.Text($"{labels.Source}: label {values[bad]} of image {bad} is out of range, 0..{MaxClasses - 1} was expected."));
        return Array.ConvertAll(values, l => (int)l);
    }

    private static byte[] ToChannelsFirst(byte[] pixels, int count, int area, int channels)
    {
        var result = new byte[pixels.Length];
        for (var image = 0; image < count; image++)
        {
            var from = pixels.AsSpan(image * area * channels, area * channels);
            var to = result.AsSpan(image * area * channels, area * channels);
            for (var c = 0; c < channels; c++)
                for (var i = 0; i < area; i++)
                    to[(c * area) + i] = from[(i * channels) + c];
        }

        return result;
    }
}
