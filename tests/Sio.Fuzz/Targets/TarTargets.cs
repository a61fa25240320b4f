using System.Formats.Tar;
using Sio.Data.Shards;
using Sio.Data.Store;

namespace Sio.Fuzz.Targets;

/// <summary>Shards of images.</summary>
internal sealed class ShardTarget : FuzzTarget
{
    internal override string Name => "shard";

    internal override string FileName => "train-0000.tar";

    internal override IReadOnlyList<byte[]> Seeds() => [Archive(TarEntryFormat.Ustar), Archive(TarEntryFormat.Pax), Archive(TarEntryFormat.Gnu)];

    internal override void Read(string path)
    {
        var shards = new ShardSet([path]);
        foreach (var entry in shards.Index())
            shards.ReadImage(entry);
        _ = shards.Read(sample => sample.Image.Length).Count();
    }

    internal static byte[] Archive(TarEntryFormat format) => Written(stream =>
    {
        using var writer = new TarWriter(stream, format, leaveOpen: true);
        foreach (var (name, content) in new[] { ("0.png", "picture"), ("0.cls", "3"), ("1.jpg", "another"), ("1.json", "{\"label\": 2}") })
        {
            TarEntry entry = format switch
            {
                TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name),
                TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
                _ => new PaxTarEntry(TarEntryType.RegularFile, name),
            };
            entry.DataStream = new MemoryStream(Text(content));
            writer.WriteEntry(entry);
        }
    });
}

/// <summary>Archives of data sets.</summary>
internal abstract class ArchiveTarget(string name, string file, ArchiveKind kind) : FuzzTarget
{
    private static readonly DataSetInfo s_set = DataSetInfo.Parse(
        "a", "summary: a\nhomepage: b\nlicence: c\nmax_bytes: 1000000\nmax_entries: 100\nfiles:\n  - {name: x, addresses: ['https://a/']}\n", "a.yml");

    internal override string Name => name;

    internal override string FileName => file;

    internal override void Read(string path)
    {
        var folder = path + ".unpacked";
        Directory.CreateDirectory(folder);
        try
        {
            Unpacker.Unpack(path, kind, new StagedFiles(folder, s_set, new FetchObserver(), CancellationToken.None), strip: null);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

/// <summary>tar.</summary>
internal sealed class TarTarget() : ArchiveTarget("tar", "set.tar", ArchiveKind.Tar)
{
    internal override IReadOnlyList<byte[]> Seeds() => [ShardTarget.Archive(TarEntryFormat.Ustar), ShardTarget.Archive(TarEntryFormat.Pax), ShardTarget.Archive(TarEntryFormat.Gnu)];
}

/// <summary>tar.gz.</summary>
internal sealed class TarGzTarget() : ArchiveTarget("tar.gz", "set.tar.gz", ArchiveKind.TarGz)
{
    internal override IReadOnlyList<byte[]> Seeds() => [Written(stream =>
    {
        using var packed = new System.IO.Compression.GZipStream(stream, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true);
        packed.Write(ShardTarget.Archive(TarEntryFormat.Ustar));
    })];
}

/// <summary>zip.</summary>
internal sealed class ZipTarget() : ArchiveTarget("zip", "set.zip", ArchiveKind.Zip)
{
    internal override IReadOnlyList<byte[]> Seeds() => [Written(stream =>
    {
        using var archive = new System.IO.Compression.ZipArchive(stream, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true);
        foreach (var name in new[] { "a.txt", "folder/b.txt" })
        {
            using var content = archive.CreateEntry(name).Open();
            content.Write(new byte[300]);
        }
    })];
}
