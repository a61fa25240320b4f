using System.Formats.Tar;
using System.IO.Compression;
using Sio.Data.Store;

namespace Sio.Data;

/// <summary>Finds and reads the files of CIFAR-10 and CIFAR-100 (Krizhevsky 2009): binary or Python version, in the official archive or unpacked, where the user says or in the store.</summary>
internal static class CifarFiles
{
    /// <summary>Whether there is something to load under this path.</summary>
    internal static bool AreAt(string path, CifarLayout layout, Split split) =>
        new[] { layout.Binary, layout.Python }.Any(version => File.Exists(Path.Combine(path, version.Files(split)[0]))
            || Directory.Exists(Path.Combine(path, version.Folder)) || File.Exists(Path.Combine(path, version.Archive)));

    /// <summary>Where the set is in a store, in either version; null where it is not.</summary>
    internal static string? InStore(DataStore store, CifarLayout layout) => store.TryFind(layout.Binary.Set) ?? store.TryFind(layout.Python.Set);

    /// <summary>Loads one split.</summary>
    /// <param name="path">The archive; the folder of the files; a folder that holds one of both under its official name; or null for the store.</param>
    /// <param name="layout">Which set.</param>
    /// <param name="split">Which split.</param>
    /// <exception cref="DataException">A file is missing, truncated, or of another format.</exception>
    internal static ImageSet Load(string? path, CifarLayout layout, Split split)
    {
        if (path is null)
        {
            var store = DataStore.Default;
            path = InStore(store, layout) ?? store.Find(layout.Binary.Set);
        }

        ArgumentException.ThrowIfNullOrEmpty(path);
        var (version, files) = Contents(path, layout, split);
        return ReferenceEquals(version, layout.Binary) ? CifarBinary.Read(files, layout) : CifarPython.Read(files, layout);
    }

    private static (CifarVersion Version, CifarFile[] Files) Contents(string path, CifarLayout layout, Split split)
    {
        if (File.Exists(path))
            return FromArchive(path, layout, split);
        foreach (var version in new[] { layout.Binary, layout.Python })
        {
            foreach (var folder in new[] { path, Path.Combine(path, version.Folder) })
            {
                if (File.Exists(Path.Combine(folder, version.Files(split)[0])) || (folder != path && Directory.Exists(folder)))
                    return (version, FromFolder(folder, version.Files(split)));
            }

            if (File.Exists(Path.Combine(path, version.Archive)))
                return FromArchive(Path.Combine(path, version.Archive), layout, split);
        }

        var binary = layout.Binary;
        throw new DataException($"{path}: has neither {binary.Files(split)[0]} nor {binary.Folder}/ nor {binary.Archive}, one of them was expected, or the same of the Python version");
    }

    private static CifarFile[] FromFolder(string folder, IReadOnlyList<string> files) => [.. files.Select(file =>
    {
        var path = Path.Combine(folder, file);
        return new CifarFile(path, DataFile.Read(path, stream => ReadAll(stream, stream.Length, path)));
    })];

    private static (CifarVersion Version, CifarFile[] Files) FromArchive(string path, CifarLayout layout, Split split)
    {
        var found = DataFile.Read(path, stream =>
        {
            try
            {
                return Unpack(stream, layout, split, path);
            }
            catch (Exception error) when (TarFailure.Is(error))
            {
                throw new DataException($"{path}: is damaged, or no .tar.gz archive ({DataFile.OneLine(error.Message)})", error);
            }
        });
        var version = layout.Python.Files(split).Any(found.ContainsKey) ? layout.Python : layout.Binary;
        return (version, [.. version.Files(split).Select(file => found.TryGetValue(file, out var bytes)
            ? new CifarFile($"{path}:{file}", bytes)
            : throw new DataException($"{path}: has no {file}, expected the official archive"))]);
    }

    private static Dictionary<string, byte[]> Unpack(Stream stream, CifarLayout layout, Split split, string path)
    {
        var found = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var versions = new[] { layout.Binary.Files(split), layout.Python.Files(split) };
        using var plain = new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true);
        using var tar = new TarReader(new TarGuard(plain), leaveOpen: true);
        while (!versions.Any(files => files.All(found.ContainsKey)) && tar.GetNextEntry() is { } entry)
        {
            var name = Path.GetFileName(entry.Name);
            if (versions.Any(files => files.Contains(name)) && entry.DataStream is { } data)
                found[name] = ReadAll(data, entry.Length, $"{path}:{name}");
        }

        return found;
    }

    // In one piece where the length is believable: CIFAR's largest file, 155 MB, is read without a second copy.
    private static byte[] ReadAll(Stream stream, long length, string name)
    {
        const long believable = 1 << 28;
        try
        {
            if (length is >= 0 and <= believable)
            {
                var bytes = GC.AllocateUninitializedArray<byte>((int)length);
                stream.ReadExactly(bytes);
                return bytes;
            }

            throw new DataException($"{name}: has {length} bytes, no file of CIFAR is so large");
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw new DataException($"{name}: is damaged or truncated ({DataFile.OneLine(error.Message)})", error);
        }
    }
}

/// <summary>A file of CIFAR, read.</summary>
/// <param name="Name">What to call it in messages.</param>
/// <param name="Bytes">Its content.</param>
internal readonly record struct CifarFile(string Name, byte[] Bytes);
