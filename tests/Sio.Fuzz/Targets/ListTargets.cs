using Sio.Data.Images;
using Sio.Data.Store;
using Sio.Fuzz.Mutation;
using Sio.Fuzz.Seeds;

namespace Sio.Fuzz.Targets;

/// <summary>Lists of images.</summary>
[CatalogEntry("image_list", "lists of images and labels, OpenOOD's among them")]
internal sealed class ImageListTarget : FuzzTarget
{
    private const string File = "list.txt";

    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Text, Mutation.Mutators.Text];

    internal override IEnumerable<Seed> Seeds() =>
    [
        new(File, Archives.Text("a.png 0\nb.png 1\na.png 2\n")),
        new(File, Archives.Text("\ufeffcifar10/test/airplane/0001.png {'label': 3, 'kind': 'x'}\r\n\"with blank.png\" -1\r\nx\\y.png\t5\r\n")),
        new(File, Archives.Text("only/paths.png\nothers.jpg")),
    ];

    internal override void Read(string path) => ImageListing.FromList(path, Path.GetDirectoryName(path)!, labelled: false);
}

/// <summary>Folders of the data store: the list of their files.</summary>
[CatalogEntry("file_manifest", "the list of a data set's files in the store")]
internal sealed class FileManifestTarget : FuzzTarget
{
    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Text];

    internal override IEnumerable<Seed> Seeds() => [new(FileManifest.FileName, Archives.Text($"{new string('a', 64)} 12 a/b c.txt\n{new string('b', 64)} 0 x\n"))];

    internal override void Read(string path) => _ = FileManifest.Read(Path.GetDirectoryName(path)!).Count();
}

/// <summary>Folders of the data store: what they are.</summary>
[CatalogEntry("stored_record", "the record of a data set in the store")]
internal sealed class StoredRecordTarget : FuzzTarget
{
    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Json, Mutation.Mutators.Json];

    internal override IEnumerable<Seed> Seeds()
    {
        var folder = Directory.CreateTempSubdirectory("sio-fuzz-record-").FullName;
        try
        {
            new StoredRecord("a", [new StoredFile("a.zip", 3, new string('a', 64), "https://localhost/a.zip", Published: true)], 1, 3, DateTime.UnixEpoch, "/data/a").Write(folder);
            var path = Directory.GetFiles(folder, ".*").Single();
            return [new(Path.GetFileName(path), File.ReadAllBytes(path))];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    internal override void Read(string path) => StoredRecord.Read(Path.GetDirectoryName(path)!);
}

/// <summary>Sums that were kept of first downloads.</summary>
[CatalogEntry("first_sums", "sums of files for which none is published")]
internal sealed class FirstSumsTarget : FuzzTarget
{
    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Text];

    internal override IEnumerable<Seed> Seeds() => [new("sums", Archives.Text($"{new string('a', 64)}  a.zip\n{new string('0', 64)}  b c.zip\n"))];

    internal override void Read(string path) => _ = new FirstSums(path)["a.zip"];
}
