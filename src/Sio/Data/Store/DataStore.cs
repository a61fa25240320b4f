namespace Sio.Data.Store;

/// <summary>How far a set is.</summary>
public enum DataSetState
{
    /// <summary>Nothing of it is there.</summary>
    Missing,

    /// <summary>A download has begun.</summary>
    Partial,

    /// <summary>It is there as a whole.</summary>
    Present,

    /// <summary>Its folder is there, but the store has not put it there.</summary>
    Foreign,
}

/// <summary>
/// The one folder that data sets are kept in. A set is in a folder of its own, which appears there under its name only once it is whole:
/// downloads go to <c>.downloads</c>, unpacking to <c>.staging</c>, and a rename ends both.
/// </summary>
public sealed class DataStore
{
    private const string Downloads = ".downloads", Staging = ".staging", Sums = ".sums", OwnSets = "sets";

    private readonly Lazy<DataSetCatalog> _catalog;

    /// <summary>Opens a store; the folder need not be there.</summary>
    /// <param name="root">The folder.</param>
    public DataStore(string root)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        Root = Path.GetFullPath(root);
        _catalog = new Lazy<DataSetCatalog>(() => DataSetCatalog.Load(Path.Combine(Root, OwnSets)));
    }

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <summary>
    /// Whether sets are also looked for where a distribution's packages put them. The switch is for tests, which are to find the same on
    /// every machine.
    /// </summary>
    internal bool LooksInSystemFolders { get; init; } = !AppContext.TryGetSwitch("Sio.Data.LooksInSystemFolders", out var looks) || looks;

    /// <summary>The sets it knows.</summary>
    public DataSetCatalog Catalog => _catalog.Value;

    /// <summary>The store where nothing else is said: <c>SIO_DATA</c>, else <c>sio</c> in <c>XDG_CACHE_HOME</c>, else <c>~/.cache/sio</c>.</summary>
    public static DataStore Default => new(DefaultRoot(Environment.GetEnvironmentVariable, CacheFolder.Home));

    /// <summary>Where a set is, or would be.</summary>
    /// <exception cref="UnknownNameException">There is no such set.</exception>
    public string FolderOf(string name) => FolderOf(Catalog[name]);

    /// <summary>How far a set is.</summary>
    /// <exception cref="UnknownNameException">There is no such set.</exception>
    public DataSetState StateOf(string name)
    {
        var set = Catalog[name];
        var folder = FolderOf(set);
        return StoredRecord.IsIn(folder) ? DataSetState.Present
            : Path.Exists(folder) && (!Directory.Exists(folder) || Directory.EnumerateFileSystemEntries(folder).Any()) ? DataSetState.Foreign
            : Directory.Exists(DownloadsOf(set)) && Directory.EnumerateFiles(DownloadsOf(set)).Any(file => !file.EndsWith(".lock", StringComparison.Ordinal)) ? DataSetState.Partial
            : DataSetState.Missing;
    }

    /// <summary>Bytes of a set's files that are downloaded so far, while it is <see cref="DataSetState.Partial"/>.</summary>
    public long DownloadedBytes(string name)
    {
        var set = Catalog[name];
        var folder = DownloadsOf(set);
        return !Directory.Exists(folder) ? 0 : set.Files.SelectMany(file => new[] { file.Name, file.Name + PartialFile.Extension })
            .Select(file => new FileInfo(Path.Combine(folder, file))).Where(file => file.Exists).Sum(file => file.Length);
    }

    /// <summary>The folder of a set that is there as a whole, or null.</summary>
    /// <exception cref="UnknownNameException">There is a store, but it knows no such set.</exception>
    public string? TryFind(string name) => Directory.Exists(Root) && StateOf(name) == DataSetState.Present ? FolderOf(name) : null;

    /// <summary>The folder of a set that must be there as a whole.</summary>
    /// <exception cref="DataException">It is not; the message says how to get it.</exception>
    /// <exception cref="UnknownNameException">There is no such set.</exception>
    public string Find(string name) => TryFind(name)
        ?? throw new DataException($"the data set '{name}' is not in {Root}: 'sio data fetch {name}' downloads it, 'sio data import {name} PATH' takes files that you have");

    /// <summary>What the store noted of a set that is there.</summary>
    /// <exception cref="DataException">It is not there, or the note is damaged.</exception>
    public StoredRecord RecordOf(string name) => StoredRecord.Read(Find(name));

    internal static string DefaultRoot(Func<string, string?> variable, string home)
    {
        if (variable("SIO_DATA") is { Length: > 0 } own)
            return own;
        return Path.Combine(CacheFolder.Of(variable, home, "SIO_DATA"), "sio");
    }

    internal string FolderOf(DataSetInfo set) => Path.Combine(Root, set.Folder);

    internal string DownloadsOf(DataSetInfo set) => Path.Combine(Root, Downloads, set.Name);

    /// <summary>A new folder to make a set in, on the same file system as its place.</summary>
    internal string NewStaging(DataSetInfo set) =>
        Directory.CreateDirectory(Path.Combine(Root, Staging, $"{set.Name}.{Guid.NewGuid():N}")).FullName;

    /// <summary>Deletes what killed processes left half-unpacked. Only under the set's lock.</summary>
    internal void DeleteAbandonedStaging(DataSetInfo set)
    {
        var folder = Path.Combine(Root, Staging);
        if (!Directory.Exists(folder))
            return;
        foreach (var left in Directory.EnumerateDirectories(folder, set.Name + ".*"))
            Directory.Delete(left, recursive: true);
    }

    /// <summary>The file that keeps the sums of first downloads of a set.</summary>
    internal string SumsOf(DataSetInfo set) => Path.Combine(Root, Sums, set.Name);

    /// <summary>Keeps other processes from a set while this one works on it.</summary>
    /// <exception cref="DataException">Another process does, or the folder cannot be written.</exception>
    internal FileStream Lock(DataSetInfo set)
    {
        var folder = DownloadsOf(set);
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{Root}: cannot be written ({DataFile.OneLine(error.Message)}); --data DIR or SIO_DATA names another folder", error);
        }

        try
        {
            return new FileStream(Path.Combine(folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"another process is working on the data set '{set.Name}' in {Root} ({DataFile.OneLine(error.Message)})", error);
        }
    }
}
