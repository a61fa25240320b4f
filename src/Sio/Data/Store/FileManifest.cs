using System.Globalization;

namespace Sio.Data.Store;

/// <summary>A file of a placed set.</summary>
/// <param name="Path">Relative to the set's folder, with '/'.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Its SHA-256.</param>
internal readonly record struct ManifestEntry(string Path, long Bytes, string Sha256);

/// <summary>The files of a placed set with their sums, as lines <c>SHA-256 SIZE PATH</c>: what <c>sio data check</c> compares with.</summary>
internal static class FileManifest
{
    internal const string FileName = ".sio-files";

    internal static void Write(string folder, IReadOnlyList<ManifestEntry> entries) => AtomicFile.Write(Path.Combine(folder, FileName), stream =>
    {
        using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        foreach (var entry in entries)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{entry.Sha256} {entry.Bytes} {entry.Path}"));
    });

    /// <summary>The entries, read one by one: a set may have a million.</summary>
    /// <exception cref="DataException">The list is missing or damaged.</exception>
    internal static IEnumerable<ManifestEntry> Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new DataException($"{path}: not found, the list of the set's files was expected here; delete the folder and fetch the set again");
        foreach (var line in File.ReadLines(path))
        {
            var parts = line.Split(' ', 3);
            if (parts.Length < 3 || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var bytes))
                throw new DataException($"{path}: the line {DataFile.Quote(line)} is damaged; delete the folder and fetch the set again");
            yield return new ManifestEntry(DataFile.Within(path, () => SafePath.Check(parts[2])), bytes, parts[0]);
        }
    }
}
