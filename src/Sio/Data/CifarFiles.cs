using System.Formats.Tar;
using System.IO.Compression;

namespace Sio.Data;

/// <summary>
/// The binary versions of CIFAR-10 and CIFAR-100 (Krizhevsky 2009): files of records without a header, each one or two label bytes and then 1,024 bytes of red, of green and of blue, row by
/// row. In the official archive, or unpacked.
/// </summary>
internal static class CifarFiles
{
    internal const int Side = 32, Channels = 3;

    private const int PixelBytes = Channels * Side * Side;

    /// <summary>Whether there is something to load under this path.</summary>
    internal static bool AreAt(string path, string folder, string archive, string firstFile) =>
        File.Exists(Path.Combine(path, firstFile)) || Directory.Exists(Path.Combine(path, folder)) || File.Exists(Path.Combine(path, archive));

    /// <summary>Loads files one after the other into one set.</summary>
    /// <param name="path">The archive; the folder of the files; or a folder that holds one of both under its official name.</param>
    /// <param name="folder">The files' folder in the archive.</param>
    /// <param name="archive">The archive's official name.</param>
    /// <param name="files">The files in order.</param>
    /// <param name="labelBytes">Bytes before the pixels; the last is the class.</param>
    /// <param name="name">The set's name.</param>
    /// <param name="classes">Classes.</param>
    /// <param name="classNames">Their names, or null.</param>
    /// <exception cref="DataException">A file is missing, truncated, or of another format.</exception>
    internal static ImageSet Load(
        string path, string folder, string archive, IReadOnlyList<string> files, int labelBytes, string name, int classes, IReadOnlyList<string>? classNames)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var contents = Contents(path, folder, archive, files);
        var record = labelBytes + PixelBytes;
        foreach (var (file, bytes) in contents)
        {
            if (bytes.Length == 0 || bytes.Length % record != 0)
                throw new DataException($"{file}: {bytes.Length} bytes, expected a whole number of records of {record} bytes: it is truncated, or no file of this kind");
        }

        var count = contents.Sum(file => file.Bytes.Length / record);
        var (pixels, labels) = (new byte[(long)count * PixelBytes], new int[count]);
        var image = 0;
        foreach (var (file, bytes) in contents)
        {
            for (var start = 0; start < bytes.Length; start += record, image++)
            {
                labels[image] = bytes[start + labelBytes - 1];
                if (labels[image] >= classes)
                    throw new DataException($"{file}: record {start / record} has the label {labels[image]}, expected 0 to {classes - 1}");
                bytes.AsSpan(start + labelBytes, PixelBytes).CopyTo(pixels.AsSpan(image * PixelBytes));
            }
        }

        return new ImageSet(name, pixels, labels, Channels, Side, Side, classes, classNames);
    }

    private static (string Name, byte[] Bytes)[] Contents(string path, string folder, string archive, IReadOnlyList<string> files)
    {
        if (File.Exists(path))
            return FromArchive(path, files);
        if (File.Exists(Path.Combine(path, files[0])))
            return FromFolder(path, files);
        var inner = Path.Combine(path, folder);
        if (Directory.Exists(inner))
            return FromFolder(inner, files);
        var packed = Path.Combine(path, archive);
        return File.Exists(packed)
            ? FromArchive(packed, files)
            : throw new DataException($"{path}: has neither {files[0]} nor {folder}/ nor {archive}, one of them was expected");
    }

    private static (string Name, byte[] Bytes)[] FromFolder(string folder, IReadOnlyList<string> files) => [.. files.Select(file =>
    {
        var path = Path.Combine(folder, file);
        return (path, DataFile.Read(path, stream => ReadAll(stream, path)));
    })];

    private static (string Name, byte[] Bytes)[] FromArchive(string path, IReadOnlyList<string> files)
    {
        var found = DataFile.Read(path, stream =>
        {
            try
            {
                return Unpack(stream, files, path);
            }
            catch (Exception error) when (error is InvalidDataException or EndOfStreamException or FormatException)
            {
                throw new DataException($"{path}: is damaged, or no .tar.gz archive ({DataFile.OneLine(error.Message)})", error);
            }
        });
        return [.. files.Select(file => found.TryGetValue(file, out var bytes)
            ? ($"{path}:{file}", bytes)
            : throw new DataException($"{path}: has no {file}, expected the official archive of the binary version"))];
    }

    private static Dictionary<string, byte[]> Unpack(Stream stream, IReadOnlyList<string> files, string path)
    {
        var found = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        using var plain = new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true);
        using var tar = new TarReader(plain, leaveOpen: true);
        while (found.Count < files.Count && tar.GetNextEntry() is { } entry)
        {
            var name = Path.GetFileName(entry.Name);
            if (files.Contains(name) && entry.DataStream is { } data)
                found[name] = ReadAll(data, $"{path}:{name}");
        }

        return found;
    }

    private static byte[] ReadAll(Stream stream, string name)
    {
        using var memory = new MemoryStream();
        try
        {
            stream.CopyTo(memory);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw new DataException($"{name}: is damaged or truncated ({DataFile.OneLine(error.Message)})", error);
        }

        return memory.ToArray();
    }
}
