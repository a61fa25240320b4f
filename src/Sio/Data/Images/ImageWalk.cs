namespace Sio.Data.Images;

/// <summary>Finds the images below a folder. Content decides where a name's ending is none of an image; each real folder counts
/// once.</summary>
/// <param name="root">The folder that paths are relative to.</param>
/// <param name="cancellation">Stops between files: a disk on the network may have a million.</param>
internal sealed class ImageWalk(string root, CancellationToken cancellation = default)
{
    // Folders by their real paths: links may lead to one again.
    private readonly Dictionary<string, string> _entered = new(StringComparer.Ordinal);
    private int _leftOut;
    private string? _firstLeftOut;

    /// <summary>What a user ought to know of it, a line each.</summary>
    internal IReadOnlyList<string> Notes => _firstLeftOut is null ? []
        : [ImageSet.Text($"{root}: {_leftOut} {(_leftOut == 1 ? "file was" : "files were")} left out, since they are no images in a place for them; the first is {_firstLeftOut}")];

    /// <summary>Counts the files that lie beside the class folders: they have no class.</summary>
    internal void LeaveOutDirectFiles()
    {
        foreach (var name in Entries(string.Empty).Files.Where(ImageEndings.IsRead))
            LeaveOut(Path.Combine(root, name));
    }

    /// <summary>Paths of images, relative to the root: folder by folder, by the characters of their names. What begins with a point is
    /// passed over.</summary>
    /// <param name="folder">The folder, relative to the root.</param>
    /// <exception cref="DataException">A folder or file cannot be read, an image has a format that is not read, or a link leads to a folder
    /// of the set.</exception>
    internal List<string> Into(string folder)
    {
        var files = new List<string>();
        Enter(folder, files);
        return files;
    }

    /// <summary>Whether there is an image below the root; the first one found ends the search, and a link that leads back does
    /// not.</summary>
    /// <exception cref="DataException">A folder or file cannot be read.</exception>
    internal bool Any() => Any(string.Empty);

    private bool Any(string below)
    {
        if (!_entered.TryAdd(RealPath.Of(Path.Combine(root, below)), below))
            return false;
        var (names, folders) = Entries(below);
        return names.Exists(name => ImageEndings.IsRead(name) || IsImage(Path.Combine(root, below, name))) || folders.Exists(name => Any(Join(below, name)));
    }

    private void Enter(string below, List<string> files)
    {
        var place = Path.Combine(root, below);
        if (!_entered.TryAdd(RealPath.Of(place), place))
            throw new DataException($"{place}: is, by a link, the same folder as {_entered[RealPath.Of(place)]}, so its images would count twice; remove the link.");
        var (names, folders) = Entries(below);
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            var path = Path.Combine(root, below, name);
            if (ImageEndings.IsRead(name) || (!ImageEndings.IsOther(name) && IsImage(path)))
                files.Add(Join(below, name));
            else if (ImageEndings.IsOther(name))
                // Passed over, it would be missing from the set and nobody would know.
                throw new DataException($"{path}: is an image of a format that is not read, {ImageEndings.Text} was expected.");
            else
                LeaveOut(path);
        }

        foreach (var name in folders.Order(StringComparer.Ordinal))
            Enter(Join(below, name), files);
    }

    private (List<string> Files, List<string> Folders) Entries(string below) => ImageListing.Guarded(Path.Combine(root, below), () =>
    {
        List<string> files = [], folders = [];
        foreach (var entry in new DirectoryInfo(Path.Combine(root, below)).EnumerateFileSystemInfos().Where(entry => !entry.Name.StartsWith('.')))
        {
            cancellation.ThrowIfCancellationRequested();
            (entry.Attributes.HasFlag(FileAttributes.Directory) ? folders : files).Add(entry.Name);
        }

        return (files, folders);
    });

    private static bool IsImage(string path) => ImageListing.Guarded(path, () => ImageFile.IsImage(path));

    private void LeaveOut(string path)
    {
        _leftOut++;
        _firstLeftOut ??= path;
    }

    private static string Join(string below, string name) => below.Length == 0 ? name : $"{below}/{name}";
}
