namespace Sio.Data.Store;

/// <summary>How files that the user has are taken into a store.</summary>
public sealed record ImportOptions
{
    /// <summary>Links to an unpacked folder, or to files that are used as they are, in place of copying.</summary>
    public bool Link { get; init; }

    /// <summary>Takes files whose size or checksum is not the published one.</summary>
    public bool AnyVersion { get; init; }
}

/// <summary>Takes data sets that the user has into a store.</summary>
/// <param name="store">The store.</param>
/// <param name="observer">Is told how far things are.</param>
public sealed class Importer(DataStore store, FetchObserver? observer = null)
{
    private readonly FetchObserver _observer = observer ?? new FetchObserver();

    /// <summary>Takes a set.</summary>
    /// <param name="name">The set.</param>
    /// <param name="path">Its file; a folder with its files under their official names; or a folder with what they unpack to.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellation">Stops; nothing is left behind.</param>
    /// <exception cref="UnknownNameException">There is no such set.</exception>
    /// <exception cref="DataException">It is there already; the path is missing or is not this set; or a checksum is wrong.</exception>
    public void Import(string name, string path, ImportOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var set = store.Catalog[name];
        var how = options ?? new ImportOptions();
        if (!Path.Exists(path))
            throw new DataException($"{path}: not found, a file or folder of the data set '{name}' was expected");
        if ((store.Root + Path.DirectorySeparatorChar).StartsWith(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new DataException($"{path}: cannot be taken into {store.Root}: the store itself is in it");
        if (store.StateOf(name) == DataSetState.Present)
            throw new DataException($"the data set '{name}' is in {store.FolderOf(name)} already: delete that folder to put another in its place");
        using (store.Lock(set))
        {
            Placement.RefuseForeign(store, set);
            if (FilesAt(set, path) is { } files)
            {
                if (how.Link && set.Files.Any(file => file.Unpack != ArchiveKind.None))
                    throw new DataException($"{path}: is unpacked into the store, and so cannot be linked: leave --link out, or import the unpacked folder");
                var checkedFiles = files.Select(file => Check(set, file.File, file.Path, how, cancellation)).ToList();
                if (how.Link)
                    new Placement(store, set, _observer, cancellation).FromLinks(checkedFiles);
                else
                    new Placement(store, set, _observer, cancellation).FromFiles(checkedFiles, move: false);
            }
            else
            {
                new Placement(store, set, _observer, cancellation).FromFolder(FolderAt(set, Path.GetFullPath(path)), how.Link);
            }
        }

        if (Directory.EnumerateFiles(store.DownloadsOf(set)).All(file => file.EndsWith(".lock", StringComparison.Ordinal)))
            Directory.Delete(store.DownloadsOf(set), recursive: true);
    }

    private static List<(RemoteFile File, string Path)>? FilesAt(DataSetInfo set, string path)
    {
        if (File.Exists(path))
        {
            var file = set.Files.FirstOrDefault(file => file.Name == Path.GetFileName(path)) ?? (set.Files.Length == 1 ? set.Files[0] : null);
            return file is not null && set.Files.Length == 1
                ? [(file, path)]
                : throw new DataException($"{path}: '{set.Name}' is made of {set.Files.Length} files ({string.Join(", ", set.Files.Select(file => file.Name))}): name the folder that has all of them");
        }

        var found = set.Files.Select(file => (file, Path.Combine(path, file.Name))).Where(file => File.Exists(file.Item2)).ToList();
        return found.Count == set.Files.Length ? found
            : found.Count == 0 || Unpacked(set, path) ? null
            : throw new DataException($"{path}: has no {set.Files.First(file => !File.Exists(Path.Combine(path, file.Name))).Name}, which '{set.Name}' is made of too");
    }

    private static string FolderAt(DataSetInfo set, string path)
    {
        if (Unpacked(set, path) || set.Holds.Length == 0)
            return path;
        return Path.GetDirectoryName(path) is { } above && set.Holds.All(held => held.StartsWith(Path.GetFileName(path) + "/", StringComparison.Ordinal)) && Unpacked(set, above)
            ? throw new DataException($"{path}: name the folder above it, {above}: it is taken as a whole")
            : throw new DataException($"{path}: has neither {string.Join(" and ", set.Files.Select(file => file.Name))} nor {string.Join(" and ", set.Holds)}, one of them was expected of '{set.Name}'");
    }

    private static bool Unpacked(DataSetInfo set, string folder) => set.Holds.Length > 0 && set.Holds.All(held => Path.Exists(Path.Combine(folder, held)));

    private PlacedFile Check(DataSetInfo set, RemoteFile file, string path, ImportOptions how, CancellationToken cancellation)
    {
        var bytes = new FileInfo(path).Length;
        var sha = Checksum.Of(path, ChecksumKind.Sha256, read => _observer.Checking(file.Name, read, bytes), cancellation);
        var right = true;
        if (file.Published is { } published)
        {
            var found = published.Kind == ChecksumKind.Sha256 ? sha : Checksum.Of(path, published.Kind, null, cancellation);
            right = found == published;
            if (!right && !how.AnyVersion)
                throw new DataException($"{path}: has the {found}, {published} was expected (published: {set.SumsFrom}); --any-version takes it all the same");
        }
        else if (file.Bytes is { } wanted && wanted != bytes && !how.AnyVersion)
        {
            throw new DataException($"{path}: has {bytes} bytes, {wanted} were expected; --any-version takes it all the same");
        }

        _observer.Received(file.Name, bytes, file.Published is not null && right);
        return new PlacedFile(file, path, new StoredFile(file.Name, bytes, sha.Hex, Path.GetFullPath(path), file.Published is not null && right));
    }
}
