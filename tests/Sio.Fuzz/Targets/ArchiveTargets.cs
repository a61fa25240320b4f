using System.Formats.Tar;
using Sio.Data.Store;
using Sio.Fuzz.Mutation;
using Sio.Fuzz.Seeds;

namespace Sio.Fuzz.Targets;

/// <summary>Archives that are unpacked into the data store.</summary>
internal abstract class ArchiveTarget(ArchiveKind kind, string file) : FuzzTarget
{
    private const string Out = "unpacked";

    private static readonly DataSetInfo s_set = DataSetInfo.Parse(
        "fuzz", "summary: a\nhomepage: https://localhost\nlicence: none\nmax_bytes: 1000000\nmax_entries: 100\nfiles:\n  - {name: a.zip, addresses: ['https://localhost/a.zip']}\n", "fuzz.yml");

    private protected static (string Name, byte[] Bytes)[] Files { get; } =
        [("top/a/one.txt", Archives.Text("one")), ("top/two.bin", Arrays.Pixels(600)), ("top/empty", []), ("top/" + new string('n', 120), Archives.Text("long"))];

    private protected abstract IEnumerable<byte[]> Whole();

    internal sealed override IEnumerable<Seed> Seeds() => Whole().Select(bytes => new Seed(file, bytes));

    internal sealed override void Read(string path)
    {
        var folder = Path.Combine(Path.GetDirectoryName(path)!, Out);
        try
        {
            Directory.CreateDirectory(folder);
            Unpacker.Unpack(path, kind, new StagedFiles(folder, s_set, new FetchObserver(), CancellationToken.None), "top");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        if (Directory.GetFileSystemEntries(Path.GetDirectoryName(path)!) is not [var only] || only != path)
            throw new InvalidOperationException("the archive has written beside its folder");
    }
}

/// <summary>Zip.</summary>
[CatalogEntry("archive_zip", "zip archives of data sets")]
internal sealed class ZipTarget() : ArchiveTarget(ArchiveKind.Zip, "input.zip")
{
    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Zip];

    private protected override IEnumerable<byte[]> Whole() => [Archives.Zip(Files), Archives.Zip(("top/", []), ("top/f/", []), ("top/f/x", Archives.Text("x")))];
}

/// <summary>Tar.</summary>
[CatalogEntry("archive_tar", "tar archives of data sets")]
internal sealed class TarTarget() : ArchiveTarget(ArchiveKind.Tar, "input.tar")
{
    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Tar, Mutation.Mutators.Tar];

    private protected override IEnumerable<byte[]> Whole() =>
        [Archives.Tar(TarEntryFormat.Pax, Files), Archives.Tar(TarEntryFormat.Gnu, Files), Archives.Tar(TarEntryFormat.Ustar, Files.AsSpan(..3)), Archives.Tar(TarEntryFormat.V7, Files.AsSpan(..2))];
}

/// <summary>Tar in gzip.</summary>
[CatalogEntry("archive_tar_gz", "tar archives of data sets in gzip")]
internal sealed class TarGzTarget() : ArchiveTarget(ArchiveKind.TarGz, "input.tar.gz")
{
    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Gzip(new AnyOf(Mutation.Mutators.Tar, Mutation.Mutators.Binary))];

    private protected override IEnumerable<byte[]> Whole() => [Packing.Gzip(Archives.Tar(TarEntryFormat.Pax, Files)), Packing.Gzip(Archives.Tar(TarEntryFormat.Gnu, Files))];
}
