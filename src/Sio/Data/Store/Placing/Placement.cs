namespace Sio.Data.Store;

/// <summary>A file that a set is made of, at hand.</summary>
/// <param name="File">What it is.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Record">What is noted of it.</param>
internal sealed record PlacedFile(RemoteFile File, string Path, StoredFile Record);

/// <summary>Makes a set in a staging folder and puts it in its place by a rename, so that nothing half-made is ever found there. Under the set's lock.</summary>
internal sealed class Placement
{
    private readonly DataStore _store;
    private readonly DataSetInfo _set;
    private readonly CancellationToken _cancellation;
    private readonly StagedFiles _staged;

    internal Placement(DataStore store, DataSetInfo set, FetchObserver observer, CancellationToken cancellation)
    {
        (_store, _set, _cancellation) = (store, set, cancellation);
        store.DeleteAbandonedStaging(set);
        _staged = new StagedFiles(store.NewStaging(set), set, observer, cancellation);
    }

    /// <exception cref="DataException">Something is in the set's place that the store did not put there.</exception>
    internal static void RefuseForeign(DataStore store, DataSetInfo set)
    {
        if (store.StateOf(set.Name) == DataSetState.Foreign)
            throw new DataException($"{store.FolderOf(set)}: is there, but not by this store: move it away, and take it with 'sio data import {set.Name} PATH' if it is the data set");
    }

    /// <summary>Unpacks files, or takes them as they are.</summary>
    /// <param name="files">The files.</param>
    /// <param name="move">Whether files that are not unpacked are moved, not copied.</param>
    internal void FromFiles(IReadOnlyList<PlacedFile> files, bool move) => Make([.. files.Select(file => file.Record)], null, () =>
    {
        // Moves come last: killed before them, everything that was downloaded is still where it was.
        foreach (var (file, path, record) in files.OrderBy(file => file.File.Unpack == ArchiveKind.None))
        {
            if (file.Unpack != ArchiveKind.None)
                Unpacker.Unpack(path, file.Unpack, _staged, _set.Strip);
            else if (move)
                _staged.Move(path, file.Name, record.Sha256);
            else
                DataFile.Read(path, stream => _staged.Add(file.Name, stream));
        }
    });

    /// <summary>Links to files of the user's that are used as they are.</summary>
    internal void FromLinks(IReadOnlyList<PlacedFile> files) => Make([.. files.Select(file => file.Record)], Path.GetDirectoryName(Path.GetFullPath(files[0].Path)), () =>
    {
        foreach (var (file, path, record) in files)
            _staged.Link(path, file.Name, record);
    });

    /// <summary>Copies or links a folder of the user's.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="link">Whether links are made in place of copies.</param>
    internal void FromFolder(string folder, bool link) => Make([], link ? folder : null, () => _staged.AddTree(folder, link));

    private void Make(IReadOnlyList<StoredFile> files, string? linked, Action fill)
    {
        var done = false;
        try
        {
            fill();
            foreach (var path in _set.Holds)
            {
                if (!Path.Exists(Path.Combine(_staged.Folder, path)))
                    throw new DataException($"the files of '{_set.Name}' have no {path}, which was expected in them: is it another data set, or another version of it?");
            }

            if (_staged.Entries.Count == 0)
                throw new DataException($"the files of '{_set.Name}' are empty: at least one file was expected in them");
            FileManifest.Write(_staged.Folder, _staged.Entries);
            new StoredRecord(_set.Name, files, _staged.Entries.Count, _staged.Bytes, DateTime.UtcNow, linked).Write(_staged.Folder);
            _cancellation.ThrowIfCancellationRequested();
            var place = _store.FolderOf(_set);
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            // An empty folder there is no one's data; a rename needs the name to be free.
            if (Directory.Exists(place))
                Directory.Delete(place, recursive: false);
            Directory.Move(_staged.Folder, place);
            done = true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{_store.FolderOf(_set)}: cannot be written ({DataFile.OneLine(error.Message)}); what is downloaded stays", error);
        }
        finally
        {
            if (!done)
                _staged.Delete();
        }
    }
}
