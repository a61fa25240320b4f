using System.IO.Compression;

namespace Sio.Data;

/// <summary>
/// Reads and writes <c>.npz</c> files: zip archives with one <c>.npy</c> per named array, stored or deflated, as
/// <c>numpy.savez</c> and <c>numpy.savez_compressed</c> write them.
/// </summary>
public static class Npz
{
    /// <summary>The most that the arrays of one archive may take together once unpacked: 4 GiB.</summary>
    public const long MaxTotalBytes = 4L << 30;

    private const string Suffix = ".npy";

    /// <summary>numpy.savez gives every entry this date; with a fixed one the same arrays give the same file.</summary>
    private static readonly DateTimeOffset EntryDate = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Reads all arrays of a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The arrays by name, without the suffix <c>.npy</c>.</returns>
    /// <exception cref="DataException">
    /// The file is missing, truncated or damaged (checksums are compared), holds something other than arrays of numbers,
    /// two entries of one name, or claims sizes that cannot be true or exceed <see cref="MaxTotalBytes"/>.
    /// </exception>
    public static IReadOnlyDictionary<string, NpyArray> Read(string path) => DataFile.Read(path, stream => Read(stream, path));

    /// <summary>Reads all arrays of a stream.</summary>
    /// <param name="stream">The stream; one that cannot be sought is first read into memory.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <returns>The arrays by name, without the suffix <c>.npy</c>.</returns>
    /// <exception cref="DataException">As for <see cref="Read(string)"/>.</exception>
    public static IReadOnlyDictionary<string, NpyArray> Read(Stream stream, string source = "stream") => Read(stream, source, wanted: null);

    /// <summary>Reads some arrays of a file and passes over what else it holds, of whatever kind.</summary>
    /// <param name="path">The file.</param>
    /// <param name="wanted">Whether an array of that name is to be read.</param>
    /// <returns>The arrays by name; those that are not there are missing.</returns>
    /// <exception cref="DataException">As for <see cref="Read(string)"/>, of the arrays that are read.</exception>
    internal static IReadOnlyDictionary<string, NpyArray> Read(string path, Func<string, bool> wanted) => DataFile.Read(path, stream => Read(stream, path, wanted));

    private static Dictionary<string, NpyArray> Read(Stream stream, string source, Func<string, bool>? wanted)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var known = DataFile.WithKnownLength(stream, source);
        try
        {
            using var archive = new ZipArchive(known, ZipArchiveMode.Read, leaveOpen: true);
            CheckSizes(archive, known.Length, source);
            ZipHeaders.Check(known, source);
            var arrays = new Dictionary<string, NpyArray>(StringComparer.Ordinal);
            foreach (var entry in archive.Entries)
            {
                if (wanted is not null && !(entry.FullName.EndsWith(Suffix, StringComparison.Ordinal) && wanted(entry.FullName[..^Suffix.Length])))
                    continue;
                if (!entry.FullName.EndsWith(Suffix, StringComparison.Ordinal))
                    throw new DataException($"{source}: entry {DataFile.Quote(entry.FullName)} is not an array, names ending in .npy were expected.");
                var name = entry.FullName[..^Suffix.Length];
                if (!arrays.TryAdd(name, ReadEntry(entry, $"{source}[{DataFile.Quote(name)[1..^1]}]")))
                    throw new DataException($"{source}: holds the array {DataFile.Quote(name)} twice.");
            }

            return arrays;
        }
        catch (Exception e) when (IsZipFailure(e))
        {
            throw new DataException($"{source}: is not a complete, undamaged .npz archive ({DataFile.OneLine(e.Message)}).", e);
        }
    }

    /// <summary>Writes a file in place of an older one, completely or not at all (see <see cref="AtomicFile"/>).</summary>
    /// <param name="path">The file.</param>
    /// <param name="compression"><see cref="CompressionLevel.NoCompression"/> stores the arrays as they are.</param>
    /// <param name="arrays">The arrays and their names, in the order of the file.</param>
    /// <exception cref="ArgumentException">A name is empty or occurs twice.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, CompressionLevel compression, params ReadOnlySpan<(string Name, NpyArray Array)> arrays)
    {
        var entries = arrays.ToArray();
        AtomicFile.Write(path, stream => Write(stream, compression, entries));
    }

    /// <summary>Writes a deflated file in place of an older one, completely or not at all (see <see cref="AtomicFile"/>).</summary>
    /// <param name="path">The file.</param>
    /// <param name="arrays">The arrays and their names, in the order of the file.</param>
    /// <exception cref="ArgumentException">A name is empty or occurs twice.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, params ReadOnlySpan<(string Name, NpyArray Array)> arrays) =>
        Write(path, CompressionLevel.Optimal, arrays);

    /// <summary>Writes an archive to a stream.</summary>
    /// <param name="stream">The stream; it stays open.</param>
    /// <param name="compression"><see cref="CompressionLevel.NoCompression"/> stores the arrays as they are.</param>
    /// <param name="arrays">The arrays and their names, in the order of the file.</param>
    /// <exception cref="ArgumentException">A name is empty or occurs twice.</exception>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public static void Write(Stream stream, CompressionLevel compression, params ReadOnlySpan<(string Name, NpyArray Array)> arrays)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, _) in arrays)
        {
            ArgumentException.ThrowIfNullOrEmpty(name, nameof(arrays));
            if (!names.Add(name))
                throw new ArgumentException($"The array name '{name}' occurs twice.", nameof(arrays));
        }

        using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach (var (name, array) in arrays)
        {
            var entry = archive.CreateEntry(name + Suffix, compression);
            entry.LastWriteTime = EntryDate;
            using var content = entry.Open();
            Npy.Write(content, array);
        }
    }

    /// <summary>Compares the sizes that the directory claims with what the file can hold: zip bombs stop here.</summary>
    private static void CheckSizes(ZipArchive archive, long fileLength, string source)
    {
        long total = 0;
        foreach (var entry in archive.Entries)
        {
            var (packed, unpacked) = (entry.CompressedLength, entry.Length);
            if (packed < 0 || unpacked < 0 || packed > fileLength || unpacked > (packed + 1) * DataFile.MaxDeflateRatio)
                throw new DataException($"{source}: entry {DataFile.Quote(entry.FullName)} claims {unpacked} bytes out of {packed} in a file of {fileLength}, which cannot be.");
            total += Math.Min(unpacked, MaxTotalBytes + 1);
            if (total > MaxTotalBytes)
                throw new DataException($"{source}: unpacks to more than {MaxTotalBytes} bytes, which is the limit.");
        }
    }

    private static NpyArray ReadEntry(ZipArchiveEntry entry, string source)
    {
        using var content = entry.Open();
        var checksum = new ChecksumStream(content);
        var array = Npy.Read(checksum, entry.Length, source);
        if (checksum.ReadByte() >= 0)
            throw new DataException($"{source}: is longer than the {entry.Length} bytes that the archive states.");
        if (checksum.Checksum != entry.Crc32)
            throw new DataException($"{source}: is damaged, its checksum is {checksum.Checksum:x8} and {entry.Crc32:x8} was expected.");
        return array;
    }

    /// <summary>What <see cref="ZipArchive"/> throws at damaged archives.</summary>
    internal static bool IsZipFailure(Exception e) =>
        e is InvalidDataException or IOException or NotSupportedException or ArgumentException or OverflowException;
}
