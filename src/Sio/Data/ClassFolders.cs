using Sio.Data.Images;

namespace Sio.Data;

/// <summary>Synthetic images as image files, a folder per class: how they are loaded, and which class of a real set each folder is.</summary>
internal static class ClassFolders
{
    // Fewer are decoded about as quickly as they would be found in the cache.
    private const int WorthKeeping = 1000;

    private const int NamesTold = 5;

    /// <summary>Whether a folder holds folders, and no arrays.</summary>
    internal static bool Has(string path) =>
        Directory.Exists(path)
        && !Directory.EnumerateFiles(path, "*.npy").Any()
        && Directory.EnumerateDirectories(path).Any(folder => !Path.GetFileName(folder).StartsWith('.'));

    /// <summary>
    /// Loads the images. Classes are in the order of their folders' names: by number where all are numbers, else by their characters; they keep the folders' names.
    /// </summary>
    /// <param name="path">The folder of the class folders.</param>
    /// <param name="real">
    /// The set whose channels and image size they get, the shorter side resized and the middle cut out; null for their own size, which must be one, and grey where the first image of every class is grey.
    /// </param>
    /// <param name="tell">Is told on one line where sizes or channels are changed.</param>
    /// <param name="cancellation">Stops between files and pictures.</param>
    /// <exception cref="DataException">A folder has no images, an image cannot be read, or sizes differ and no real set says which is meant.</exception>
    internal static ImageSet Load(string path, ImageSet? real, Action<string>? tell, CancellationToken cancellation)
    {
        var listing = ImageListing.FromClassFolders(path, cancellation: cancellation);
        var preparation = new ImagePreparation { Channels = real?.Channels is 1 or 3 ? real.Channels : 3 };

        // A set of images that are no squares can only be joined by images that have its size already: Match tells.
        if (real is not null && real.Height == real.Width)
            preparation = preparation with { ShorterSide = real.Height, Crop = real.Height };
        var firsts = listing.Images.DistinctBy(image => image.Label).Select(image => (image.Path, Picture: ImageFile.Read(Path.Combine(listing.Root, image.Path)))).ToArray();
        if (real is null && firsts.All(first => first.Picture.Channels == 1))
            preparation = preparation with { Channels = 1 };
        if (real is not null && Array.Find(firsts, first => Differs(first.Picture, real)) is { Picture: { } other, Path: var name })
        {
            tell?.Invoke(ImageSet.Text(
                $"{path}: {name} is of {other.Channels}×{other.Height}×{other.Width} (channels×height×width); all images are made {real.Channels}×{real.Height}×{real.Width}, as in '{real.Name}': the shorter side resized, the middle cut out"));
        }

        var folder = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        return ImageSets.Open(listing, folder.Length > 0 ? folder : "synthetic", preparation, listing.Images.Count < WorthKeeping ? null : new ImageSetCache(tell: tell), tell: tell, cancellation: cancellation);
    }

    /// <summary>
    /// Which class of a real set each folder is: by its name, where that is a class's (in any case); by its number, where all names are numbers of classes; else in order, where there are as many
    /// folders as classes.
    /// </summary>
    /// <param name="folders">The folders' names, in the order of <see cref="Load"/>.</param>
    /// <param name="real">The real set.</param>
    /// <param name="numbers">The number that each class of the real set goes by.</param>
    /// <param name="source">What to call the folder in messages.</param>
    /// <param name="tell">Is told on one line where the order decides.</param>
    /// <exception cref="DataException">None of these rules fits; the message says what was expected.</exception>
    internal static int[] LabelsOf(IReadOnlyList<string> folders, ImageSet real, IReadOnlyList<int> numbers, string source, Action<string>? tell)
    {
        if (real.ClassNames is { } names)
        {
            var byName = folders.Select(folder => IndexOf(names, folder)).ToArray();
            if (Array.TrueForAll(byName, label => label >= 0))
                return byName;
            // One of them misspelt would otherwise move all others to another class.
            if (Array.Exists(byName, label => label >= 0) && !folders.All(folder => FolderNames.Number(folder) is not null))
            {
                throw new DataException(
                    $"{source}: the class folder {DataFile.Quote(folders[Array.IndexOf(byName, -1)])} is no class of '{real.Name}', though others are: {Some(names)} were expected.");
            }
        }

        // Where both go by numbers these are compared: 02 is 2.
        var known = real.ClassNames is { } all ? FolderNames.Numbers(all) ?? numbers : numbers;
        var values = folders.Select(FolderNames.Number).ToArray();
        var byNumber = Array.ConvertAll(values, value => value is { } number ? IndexOf(known, number) : -1);
        if (Array.TrueForAll(byNumber, label => label >= 0))
            return byNumber;
        if (folders.Count == real.ClassCount)
        {
            tell?.Invoke($"{source}: the class folders' names are neither names nor numbers of classes of '{real.Name}'; they are taken in order, {Pairs(folders, real)}");
            return [.. Enumerable.Range(0, folders.Count)];
        }

        var classNames = real.ClassNames is null ? string.Empty : $"class names ({Some(real.ClassNames)}), ";
        throw new DataException(ImageSet.Text(
            $"{source}: has {folders.Count} class folders ({Some(folders)}); of '{real.Name}', {classNames}class numbers ({Some([.. numbers.Select(number => ImageSet.Text($"{number}"))])}) or one folder for each of its {real.ClassCount} classes in order were expected."));
    }

    private static bool Differs(Picture picture, ImageSet real) => (picture.Channels, picture.Height, picture.Width) != (real.Channels, real.Height, real.Width);

    private static int IndexOf(IReadOnlyList<string> names, string name)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i].Equals(name, StringComparison.OrdinalIgnoreCase))
                return i;
        }

        return -1;
    }

    private static int IndexOf(IReadOnlyList<int> numbers, int number)
    {
        for (var i = 0; i < numbers.Count; i++)
        {
            if (numbers[i] == number)
                return i;
        }

        return -1;
    }

    private static string Some(IReadOnlyList<string> names) => string.Join(", ", names.Take(NamesTold)) + (names.Count > NamesTold ? ", …" : string.Empty);

    private static string Pairs(IReadOnlyList<string> folders, ImageSet real) =>
        Some([.. folders.Select((folder, i) => real.ClassNames is { } names ? ImageSet.Text($"{folder} as {i} ({names[i]})") : ImageSet.Text($"{folder} as {i}"))]);
}
