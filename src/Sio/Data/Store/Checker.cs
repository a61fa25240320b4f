namespace Sio.Data.Store;

/// <summary>What a check found of a set.</summary>
/// <param name="Set">The set's name.</param>
/// <param name="State">How far it is.</param>
/// <param name="Files">How many files were looked at.</param>
/// <param name="Bytes">How many bytes were read; 0 where sums were not compared.</param>
/// <param name="Missing">Files that are gone.</param>
/// <param name="Changed">Files that have another size or sum than when the set was put there.</param>
/// <param name="Summed">Whether sums were compared, and not only sizes.</param>
public sealed record DataSetCheck(string Set, DataSetState State, int Files, long Bytes, IReadOnlyList<string> Missing, IReadOnlyList<string> Changed, bool Summed)
{
    /// <summary>Whether the set is there, whole and unchanged.</summary>
    public bool IsGood => State == DataSetState.Present && Missing.Count == 0 && Changed.Count == 0;
}

/// <summary>Compares sets with what they were when they were put in the store.</summary>
/// <param name="store">The store.</param>
/// <param name="observer">Is told how far things are.</param>
public sealed class Checker(DataStore store, FetchObserver? observer = null)
{
    private readonly FetchObserver _observer = observer ?? new FetchObserver();

    /// <summary>Checks a set.</summary>
    /// <param name="name">The set.</param>
    /// <param name="sums">Whether each file is read and its SHA-256 compared; else only its size.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="UnknownNameException">There is no such set.</exception>
    /// <exception cref="DataException">The list of its files is missing or damaged, or a file cannot be read.</exception>
    public DataSetCheck Check(string name, bool sums = true, CancellationToken cancellation = default)
    {
        var state = store.StateOf(name);
        var (missing, changed) = (new List<string>(), new List<string>());
        var (files, read) = (0, 0L);
        if (state != DataSetState.Present)
            return new DataSetCheck(name, state, 0, 0, missing, changed, sums);
        var folder = store.FolderOf(name);
        var total = StoredRecord.Read(folder).Bytes;
        foreach (var entry in FileManifest.Read(folder))
        {
            cancellation.ThrowIfCancellationRequested();
            files++;
            var path = Path.Combine(folder, entry.Path);
            if (LengthOf(path) is not { } length)
                missing.Add(entry.Path);
            else if (length != entry.Bytes)
                changed.Add(entry.Path);
            else if (sums && Checksum.Of(path, ChecksumKind.Sha256, null, cancellation).Hex != entry.Sha256)
                changed.Add(entry.Path);
            read += sums ? entry.Bytes : 0;
            _observer.Checking(name, read, total);
        }

        return new DataSetCheck(name, state, files, read, missing, changed, sums);
    }

    // Of what a link leads to, not of the link; a link that leads nowhere exists for .NET.
    private static long? LengthOf(string path)
    {
        if (!File.Exists(path))
            return null;
        var file = File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path);
        return file.Exists ? ((FileInfo)file).Length : null;
    }
}
