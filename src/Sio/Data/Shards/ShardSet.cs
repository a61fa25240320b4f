using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Sio.Data.Shards;

/// <summary>
/// Images in tar archives, as WebDataset has them (Aizman, Maltby and Breuel 2019, "High Performance I/O For Large Scale Deep Learning"): files that lie beside each other and differ in
/// their extension only are one sample: <c>n01/0001.jpg</c>, <c>n01/0001.cls</c>. Read as a stream, one sample in memory at a time, always in the same order; images of archives that are not compressed
/// also one by one in any order (<see cref="Index"/>).
/// </summary>
public sealed partial class ShardSet
{
    private const int MaxLabelBytes = 1 << 20;
    private static readonly string[] s_images = ["jpg", "jpeg", "png", "ppm", "webp", "gif", "bmp"];

    /// <summary>Names the shards.</summary>
    /// <param name="shards">Archives (<c>.tar</c>, or in gzip <c>.tar.gz</c> and <c>.tgz</c>), in order; see <see cref="Expand"/>.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public ShardSet(IReadOnlyList<string> shards)
    {
        ArgumentNullException.ThrowIfNull(shards);
        if (shards.Count == 0)
            throw new ArgumentException("At least one shard is needed.", nameof(shards));
        Shards = [.. shards];
    }

    /// <summary>The archives, in order.</summary>
    public IReadOnlyList<string> Shards { get; }

    /// <summary>The size that an image's file may have, at most: what bounds the memory.</summary>
    public int MaxImageBytes { get; init; } = 64 << 20;

    /// <summary>The archives that a text names: a folder's, by name; a single one; or those of a range, <c>train-{000000..000146}.tar</c>.</summary>
    /// <exception cref="DataException">There is none, or the range makes no sense.</exception>
    public static ShardSet Expand(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        if (Directory.Exists(text))
        {
            string[] files = [.. Directory.GetFiles(text).Where(IsShard).Order(StringComparer.Ordinal)];
            return files.Length > 0 ? new ShardSet(files) : throw new DataException($"{text}: has no shards (.tar, .tar.gz, .tgz)");
        }

        var (open, close) = (text.IndexOf('{', StringComparison.Ordinal), text.IndexOf('}', StringComparison.Ordinal));
        if (open < 0 || close < open)
            return new ShardSet([text]);
        var bounds = text[(open + 1)..close].Split("..");
        if (bounds.Length != 2 || !int.TryParse(bounds[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            || !int.TryParse(bounds[1], NumberStyles.None, CultureInfo.InvariantCulture, out var last) || last < first || last - first > 1_000_000)
            throw new DataException($"{text}: a range such as {{000000..000146}} was expected between the braces");
        var digits = "D" + bounds[0].Length.ToString(CultureInfo.InvariantCulture);
        return new ShardSet([.. Enumerable.Range(first, last - first + 1).Select(i => text[..open] + i.ToString(digits, CultureInfo.InvariantCulture) + text[(close + 1)..])]);
    }

    /// <summary>Reads all samples from a shard on, decoded.</summary>
    /// <typeparam name="T">What a sample becomes.</typeparam>
    /// <param name="decode">Decodes a sample; its bytes are its own and may be kept.</param>
    /// <param name="firstShard">The shard to begin with, from 0: a reader that knows how many samples each shard has can enter anywhere.</param>
    /// <param name="cancellation">Stops between samples.</param>
    /// <exception cref="DataException">A shard is missing, damaged or truncated, or has a label that is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such shard.</exception>
    public IEnumerable<T> Read<T>(Func<ShardSample, T> decode, int firstShard = 0, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(decode);
        ArgumentOutOfRangeException.ThrowIfNegative(firstShard);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(firstShard, Shards.Count);
        return Shards.Skip(firstShard).SelectMany(shard => ReadShard(shard, cancellation)).Select(decode);
    }

    /// <summary>Whether a text names shards of which at least one is there: an archive, a range of them, or a folder with some.</summary>
    /// <exception cref="DataException">A range makes no sense.</exception>
    public static bool AreAt(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Directory.Exists(text) ? Directory.EnumerateFiles(text).Any(IsShard)
            : IsShard(text) && (File.Exists(text) || (text.Contains('{', StringComparison.Ordinal) && Expand(text).Shards.Any(File.Exists)));
    }

    private static bool IsShard(string path) =>
        path.EndsWith(".tar", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".tar.gz", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".tgz", StringComparison.OrdinalIgnoreCase);

    private IEnumerable<ShardSample> ReadShard(string path, CancellationToken cancellation)
    {
        // The reader cannot be within DataFile.Read, whose stream ends with the call; opening is what may fail in the usual ways.
        using var file = DataFile.Read(path, stream => InputFile.Open(path, 1 << 20));
        using var plain = path.EndsWith(".tar", StringComparison.OrdinalIgnoreCase) ? file : (Stream)new GZipStream(file, CompressionMode.Decompress);
        var end = new Store.EndWatch(plain);
        using var tar = new TarReader(new TarGuard(end));
        foreach (var (key, extension, image, label) in Walk(path, tar, (data, entry) => Bytes(data, entry, MaxImageBytes), _ => { }, end.CheckEnd, cancellation))
            yield return new ShardSample(key, extension, image, label);
    }

    // The samples of an archive, with whatever is made of their images; both ways of reading go this one, so that they find the same.
    private static IEnumerable<(string Key, string Extension, T Image, int? Label)> Walk<T>(
        string path, TarReader tar, Func<Stream, TarEntry, T> image, Action<TarEntry> follow, Action checkEnd, CancellationToken cancellation)
    {
        var pending = new Pending<T>();
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            (string, string, T, int?)? whole;
            bool more;
            try
            {
                (whole, more) = Next(tar, pending, path, image, follow);
                if (!more)
                    checkEnd();
            }
            catch (Exception error) when (TarFailure.Is(error))
            {
                throw new DataException($"{path}: is damaged or truncated, or no tar archive ({DataFile.OneLine(error.Message)})", error);
            }
            catch (DataException error) when (!error.Message.StartsWith(path, StringComparison.Ordinal))
            {
                throw new DataException($"{path}: {error.Message}", error);
            }

            if (whole is { } sample)
                yield return sample;
            if (!more)
                yield break;
        }
    }

    // Reads an entry; gives the sample before it where the entry belongs to another.
    private static ((string Key, string Extension, T Image, int? Label)? Whole, bool More) Next<T>(
        TarReader tar, Pending<T> pending, string path, Func<Stream, TarEntry, T> image, Action<TarEntry> follow)
    {
        if (tar.GetNextEntry() is not { } entry)
            return (pending.Finish(path), false);
        follow(entry);
        if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || entry.DataStream is not { } data)
            return (null, true);
        var name = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
        var dot = name.IndexOf('.', name.LastIndexOf('/') + 1);
        if (dot < 0)
            return (null, true);
        var (key, extension) = (name[..dot], name[(dot + 1)..].ToLowerInvariant());
        var whole = key == pending.Key ? null : pending.Finish(path);
        pending.Key = key;
        if (s_images.Contains(extension))
        {
            if (pending.HasImage)
                throw new DataException($"{path}: the sample {DataFile.Quote(key)} has two images");
            (pending.Extension, pending.Image, pending.HasImage) = (extension, image(data, entry), true);
        }
        else if (extension is "cls" or "json")
        {
            pending.Label = Label(Bytes(data, entry, MaxLabelBytes), extension, name) ?? pending.Label;
        }

        return (whole, true);
    }

    private static byte[] Bytes(Stream data, TarEntry entry, int most)
    {
        var bytes = new byte[CheckedLength(entry, most)];
        data.ReadExactly(bytes);
        return bytes;
    }

    private static int CheckedLength(TarEntry entry, int most) =>
        entry.Length <= most ? (int)entry.Length : throw new DataException($"{DataFile.Quote(entry.Name)} has {entry.Length} bytes, at most {most} were expected");

    private static int? Label(byte[] bytes, string extension, string name)
    {
        try
        {
            if (extension == "cls")
                return int.Parse(Encoding.ASCII.GetString(bytes).AsSpan().Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            using var json = JsonDocument.Parse(bytes);
            // Other keys, captions say, are not ours to judge.
            return json.RootElement is { ValueKind: JsonValueKind.Object } root && (root.TryGetProperty("label", out var label) || root.TryGetProperty("cls", out label))
                ? label.GetInt32()
                : null;
        }
        catch (Exception error) when (error is FormatException or OverflowException or JsonException or InvalidOperationException)
        {
            throw new DataException($"{DataFile.Quote(name)}: holds no label, an integer was expected, or JSON with an integer 'label' or 'cls'", error);
        }
    }

    // The sample whose files are being read.
    private sealed class Pending<T>
    {
        internal string? Key { get; set; }

        internal string Extension { get; set; } = string.Empty;

        internal T Image { get; set; } = default!;

        internal bool HasImage { get; set; }

        internal int? Label { get; set; }

        internal (string Key, string Extension, T Image, int? Label)? Finish(string path)
        {
            if (Key is null)
                return null;
            (string, string, T, int?)? sample = HasImage ? (Key, Extension, Image, Label) : null;
            if (sample is null && Label is not null)
                throw new DataException($"{path}: the sample {DataFile.Quote(Key)} has a label and no image");
            (Key, Image, HasImage, Label) = (null, default!, false, null);
            return sample;
        }
    }
}
