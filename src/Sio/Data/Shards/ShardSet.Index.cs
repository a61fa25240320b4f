using System.Formats.Tar;

namespace Sio.Data.Shards;

/// <content>Reading single images, in any order.</content>
public sealed partial class ShardSet
{
    private const int Block = 512;

    /// <summary>Looks where each image stands, in the order in which <see cref="Read"/> gives them. Only headers and labels are read.</summary>
    /// <param name="cancellation">Stops between entries.</param>
    /// <exception cref="DataException">A shard is missing, compressed, damaged or truncated, or has a label that is none.</exception>
    public IReadOnlyList<ShardEntry> Index(CancellationToken cancellation = default)
    {
        var entries = new List<ShardEntry>();
        for (var shard = 0; shard < Shards.Count; shard++)
        {
            var (path, number) = (Shards[shard], shard);
            // A small buffer: each header is looked at for itself, and what lies between is passed over.
            using var file = DataFile.Read(path, _ => InputFile.Open(path, 1 << 12));
            RefuseCompressed(file, path);
            using var tar = new TarReader(new TarGuard(file));
            long end = 0;
            var samples = Walk(path, tar, (_, entry) => (Offset: entry.DataOffset, Length: CheckedLength(entry, MaxImageBytes)), Follow, () => CheckEnd(file, end), cancellation);
            entries.AddRange(samples.Select(sample => new ShardEntry(number, sample.Key, sample.Extension, sample.Image.Offset, sample.Image.Length, sample.Label)));

            void Follow(TarEntry entry)
            {
                if (entry.DataOffset + entry.Length > file.Length)
                    throw new DataException($"is truncated within {DataFile.Quote(entry.Name)}");
                end = Math.Max(end, entry.DataOffset + ((entry.Length + Block - 1) / Block * Block));
            }
        }

        return entries;
    }

    /// <summary>Reads an image's file.</summary>
    /// <param name="entry">One that <see cref="Index"/> gave.</param>
    /// <exception cref="DataException">The shard is missing, or shorter than it was.</exception>
    public byte[] ReadImage(ShardEntry entry)
    {
        var path = Shards[entry.Shard];
        return DataFile.Read(path, stream =>
        {
            var bytes = GC.AllocateUninitializedArray<byte>(entry.Length);
            stream.Position = entry.Offset;
            DataFile.ReadExactly(stream, bytes, path, $"'{entry.Key}.{entry.Extension}'");
            return bytes;
        });
    }

    private static void RefuseCompressed(FileStream file, string path)
    {
        Span<byte> start = stackalloc byte[2];
        var isGzip = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start is [0x1F, 0x8B];
        file.Position = 0;
        if (isGzip || !path.EndsWith(".tar", StringComparison.OrdinalIgnoreCase))
            throw new DataException($"{path}: is {(isGzip ? "compressed" : "no .tar file")}; images are read from shards in any order, which only an uncompressed .tar allows: unpack it with gunzip");
    }

    // .NET's reader takes an archive that was cut off between two entries for a whole one.
    private static void CheckEnd(FileStream file, long end)
    {
        Span<byte> zeros = stackalloc byte[Block];
        file.Position = end;
        if (file.ReadAtLeast(zeros, Block, throwOnEndOfStream: false) < Block || zeros.ContainsAnyExcept((byte)0))
            throw new DataException("is truncated: the end of the archive is missing");
    }
}
