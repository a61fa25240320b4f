namespace Sio.Data.Images;

/// <summary>An image file and its label.</summary>
/// <param name="Path">Relative to the listing's root, with <c>/</c> between folders.</param>
/// <param name="Label">0 or above, or <see cref="ImageSet.OodLabel"/>.</param>
public readonly record struct ListedImage(string Path, int Label);

/// <summary>
/// Which image files make a set, in which order, and with which labels; nothing is decoded yet. The order depends on names alone, so it is the same on every machine.
/// </summary>
public sealed partial class ImageListing
{
    private ImageListing(
        string root, string source, IReadOnlyList<ListedImage> images, int classCount, IReadOnlyList<string>? classNames, IReadOnlyList<string>? notes = null)
    {
        if (images.Count == 0)
            throw new DataException($"{source}: has no images ({ImageEndings.Text}).");
        (Root, Source, Images, ClassCount, ClassNames, Notes) = (root, source, images, classCount, classNames, notes ?? []);
    }

    /// <summary>The folder that the images' paths start from.</summary>
    public string Root { get; }

    /// <summary>The folder or list that this was read from, for messages.</summary>
    public string Source { get; }

    /// <summary>The images, at least one.</summary>
    public IReadOnlyList<ListedImage> Images { get; }

    /// <summary>The number of classes; 0 where all images are out-of-distribution.</summary>
    public int ClassCount { get; }

    /// <summary>A name per class, or null if there are none.</summary>
    public IReadOnlyList<string>? ClassNames { get; }

    /// <summary>What is wrong where an image that is named is not there: the first such image, and how many there are.</summary>
    internal DataException Missing()
    {
        string[] missing = [.. Images.Select(image => Path.Combine(Root, image.Path)).Where(path => !File.Exists(path))];
        var others = missing.Length > 1 ? ImageSet.Text($"; {missing.Length} of its {Images.Count} images are not there") : string.Empty;
        return new DataException($"{missing.FirstOrDefault() ?? Source}: not found, though {Source} names it{others}.");
    }

    /// <summary>What a user ought to know of the listing, a line each: files that were left out, images that are named twice.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Lists a folder with a folder per class.</summary>
    /// <param name="root">The folder; files that lie in it directly are passed over, and so are files that are no images. Class folders may
    /// have folders in them.</param>
    /// <param name="labels">
    /// The label of each class folder that is wanted, 0 or above or <see cref="ImageSet.OodLabel"/>; the others are left out. Null takes all, numbered from 0 in the
    /// order of <see cref="FolderNames"/>.
    /// </param>
    /// <param name="cancellation">Stops between files.</param>
    /// <exception cref="DataException">A folder is missing, cannot be read or has no images, or has image files of a format that is not read.</exception>
    public static ImageListing FromClassFolders(string root, IReadOnlyDictionary<string, int>? labels = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        var folders = Guarded(root, () => Directory.EnumerateDirectories(root).Select(path => Path.GetFileName(path)).Where(name => !name.StartsWith('.')).ToArray());
        folders = FolderNames.Ordered(folders);
        if (labels is not null)
        {
            foreach (var (name, label) in labels)
            {
                if (label < ImageSet.OodLabel)
                    throw new DataException($"{root}: label {label} of class folder {DataFile.Quote(name)} is out of range, {ImageSet.OodLabel} or more was expected.");
                if (!folders.Contains(name, StringComparer.Ordinal))
                    throw new DataException($"{root}: has no class folder {DataFile.Quote(name)}.");
            }

            folders = [.. folders.Where(labels.ContainsKey)];
        }

        if (folders.Length == 0)
            throw new DataException($"{root}: has no class folders, a folder per class with images ({ImageEndings.Text}) was expected.");

        var images = new List<ListedImage>();
        var walk = new ImageWalk(root, cancellation);
        walk.LeaveOutDirectFiles();
        for (var i = 0; i < folders.Length; i++)
        {
            var found = walk.Into(folders[i]);
            if (found.Count == 0)
                throw new DataException($"{Path.Combine(root, folders[i])}: this class folder has no images ({ImageEndings.Text}).");
            images.AddRange(found.Select(path => new ListedImage(path, labels is null ? i : labels[folders[i]])));
        }

        return labels is null
            ? new ImageListing(root, root, images, folders.Length, folders, walk.Notes)
            : new ImageListing(root, root, images, labels.Values.Max() + 1, Names(labels), walk.Notes);
    }

    /// <summary>Lists all images in a folder and the folders in it as out-of-distribution images.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="cancellation">Stops between files.</param>
    /// <exception cref="DataException">The folder is missing, cannot be read or has no images, or has image files of a format that is not read.</exception>
    public static ImageListing FromFolder(string root, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        var walk = new ImageWalk(root, cancellation);
        return new ImageListing(root, root, [.. walk.Into(string.Empty).Select(path => new ListedImage(path, ImageSet.OodLabel))], 0, null, walk.Notes);
    }

    /// <summary>Names by label, where the labels are 0, 1, 2 … and each has one folder.</summary>
    private static string[]? Names(IReadOnlyDictionary<string, int> labels)
    {
        var named = labels.Where(pair => pair.Value >= 0).OrderBy(pair => pair.Value).ToArray();
        return named.Length > 0 && named.Select(pair => pair.Value).SequenceEqual(Enumerable.Range(0, named.Length)) ? [.. named.Select(pair => pair.Key)] : null;
    }

    internal static T Guarded<T>(string folder, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(
                File.Exists(folder) ? $"{folder}: is a file, a folder was expected."
                : e is DirectoryNotFoundException ? $"{folder}: not found, a folder was expected here."
                : $"{folder}: cannot be read ({DataFile.OneLine(e.Message)}).",
                e);
        }
    }
}
