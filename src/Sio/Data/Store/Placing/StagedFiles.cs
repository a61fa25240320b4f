using System.Security.Cryptography;

namespace Sio.Data.Store;

/// <summary>The files of a set in the making: every one is written, summed and counted here, so that none leaves the folder and none is beyond the limits.</summary>
internal sealed class StagedFiles(string folder, DataSetInfo set, FetchObserver observer, CancellationToken cancellation)
{
    private const int BufferBytes = 1 << 17;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly List<ManifestEntry> _entries = [];
    private readonly List<(string From, string To)> _moved = [];
    private int _count;

    internal string Folder => folder;

    internal IReadOnlyList<ManifestEntry> Entries => _entries;

    internal long Bytes { get; private set; }

    /// <summary>Makes a folder.</summary>
    /// <param name="path">Relative, with '/'.</param>
    internal void AddFolder(string path)
    {
        Count(path);
        Written(path, () => Directory.CreateDirectory(Path.Combine(folder, path)));
    }

    /// <summary>Writes a file.</summary>
    /// <param name="path">Relative, with '/'.</param>
    /// <param name="content">Read to its end.</param>
    /// <returns>How many bytes it has.</returns>
    /// <exception cref="DataException">The path is unsafe or there already, or a limit is reached.</exception>
    internal long Add(string path, Stream content)
    {
        Count(path);
        var target = Path.Combine(folder, path);
        if (Path.Exists(target))
            throw new DataException($"{DataFile.Quote(path)} is there twice: refused");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = Written(path, () =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            return new FileStream(target, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        });
        long length = 0;
        for (int count; (count = content.Read(_buffer)) > 0; length += count)
        {
            cancellation.ThrowIfCancellationRequested();
            Grow(count);
            hash.AppendData(_buffer, 0, count);
            var piece = count;
            Written(path, () =>
            {
                file.Write(_buffer, 0, piece);
                return true;
            });
            observer.Unpacking(_entries.Count, Bytes);
        }

        _entries.Add(new ManifestEntry(path, length, Convert.ToHexStringLower(hash.GetHashAndReset())));
        return length;
    }

    /// <summary>Moves a file here, whose sum is known.</summary>
    internal void Move(string from, string path, string sha256)
    {
        Count(path);
        var length = new FileInfo(from).Length;
        Grow(length);
        var target = Path.Combine(folder, path);
        File.Move(from, target);
        _moved.Add((from, target));
        _entries.Add(new ManifestEntry(path, length, sha256));
    }

    /// <summary>Links to a file whose sum is known.</summary>
    internal void Link(string from, string path, StoredFile record)
    {
        Count(path);
        File.CreateSymbolicLink(Path.Combine(folder, path), Path.GetFullPath(from));
        Bytes += record.Bytes;
        _entries.Add(new ManifestEntry(path, record.Bytes, record.Sha256));
    }

    /// <summary>Copies a folder's files, or links to what is directly in it. Links in it are followed only where they stay inside.</summary>
    internal void AddTree(string root, bool link)
    {
        foreach (var file in Walk(root, root, 0))
        {
            var path = Path.GetRelativePath(root, file).Replace(Path.DirectorySeparatorChar, '/');
            if (StoredRecord.IsOwn(path))
                continue;
            if (link)
            {
                Count(path);
                var sum = Checksum.Of(file, ChecksumKind.Sha256, null, cancellation);
                var length = new FileInfo(file).Length;
                Bytes += length;
                _entries.Add(new ManifestEntry(path, length, sum.Hex));
                observer.Unpacking(_entries.Count, Bytes);
            }
            else
            {
                DataFile.Read(file, stream => Add(path, stream));
            }
        }

        if (!link)
            return;
        foreach (var entry in Directory.EnumerateFileSystemEntries(root).Where(entry => !StoredRecord.IsOwn(Path.GetFileName(entry))))
            File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(entry)), Path.GetFullPath(entry));
    }

    /// <summary>Deletes everything; what was moved here goes back, so that it need not be downloaded again.</summary>
    internal void Delete()
    {
        foreach (var (from, to) in _moved)
            File.Move(to, from);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    // In a fixed order, whatever the file system's.
    private static IEnumerable<string> Walk(string root, string at, int depth)
    {
        const int deepest = 64;
        if (depth > deepest)
            throw new DataException($"{at}: folders are nested more than {deepest} deep");
        foreach (var entry in Directory.EnumerateFileSystemEntries(at).Order(StringComparer.Ordinal))
        {
            if (File.ResolveLinkTarget(entry, returnFinalTarget: true) is { } target && !target.FullName.StartsWith(Path.GetFullPath(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                throw new DataException($"{entry}: is a link that leaves {root}: refused");
            if (!Directory.Exists(entry))
            {
                yield return entry;
                continue;
            }

            foreach (var inner in Walk(root, entry, depth + 1))
                yield return inner;
        }
    }

    // Told apart from errors of the archive that is being read at the same time.
    private static T Written<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{DataFile.Quote(path)} cannot be written into the store ({DataFile.OneLine(error.Message)})", error);
        }
    }

    private void Count(string path)
    {
        SafePath.Check(path);
        if (StoredRecord.IsOwn(path))
            throw new DataException($"{DataFile.Quote(path)} is a name that the store needs itself: refused");
        if (++_count > set.MaxEntries)
            throw new DataException($"there are more than {set.MaxEntries} files and folders, the limit of '{set.Name}': refused");
    }

    private void Grow(long bytes)
    {
        Bytes += bytes;
        if (Bytes > set.MaxBytes)
            throw new DataException($"it unpacks to more than {Size.Text(set.MaxBytes)}, the limit of '{set.Name}': refused");
    }
}
