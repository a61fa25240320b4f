namespace Sio.Data.Store;

/// <summary>
/// SHA-256 sums of files for which none is published, as the first download had them: later downloads are compared with these. Trust on first use, as ssh does with hosts.
/// </summary>
internal sealed class FirstSums
{
    private readonly string _path;
    private readonly SortedDictionary<string, string> _sums = new(StringComparer.Ordinal);

    /// <exception cref="DataException">The file is damaged.</exception>
    internal FirstSums(string path)
    {
        _path = path;
        if (!File.Exists(path))
            return;
        foreach (var line in DataFile.Read(path, stream => new StreamReader(stream).ReadToEnd()).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // As sha256sum writes it: two spaces.
            var parts = line.Split("  ", 2);
            if (parts.Length != 2)
                throw new DataException($"{path}: the line {DataFile.Quote(line)} is damaged, 'SHA-256  FILE' was expected");
            _sums[parts[1]] = DataFile.Within(path, () => new Checksum(ChecksumKind.Sha256, parts[0])).Hex;
        }
    }

    internal string Path => _path;

    internal string? this[string file] => _sums.GetValueOrDefault(file);

    /// <summary>Keeps a sum, unless there is one already.</summary>
    internal void Keep(string file, string sha256)
    {
        if (!_sums.TryAdd(file, sha256))
            return;
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(_path)!);
        AtomicFile.WriteAllText(_path, string.Concat(_sums.Select(entry => $"{entry.Value}  {entry.Key}\n")));
    }
}
