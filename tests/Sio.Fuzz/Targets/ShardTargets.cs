using System.Formats.Tar;
using Sio.Data.Images;
using Sio.Data.Shards;
using Sio.Fuzz.Mutation;
using Sio.Fuzz.Seeds;

namespace Sio.Fuzz.Targets;

/// <summary>WebDataset's shards.</summary>
internal abstract class ShardTarget : FuzzTarget
{
    private protected static IEnumerable<byte[]> Shards()
    {
        var (png, jpeg) = (SeedFiles.Read("images/grey1.png"), SeedFiles.Read("images/one-pixel.jpg"));
        yield return Archives.Tar(TarEntryFormat.Ustar, ("n01/0001.png", png), ("n01/0001.cls", Archives.Text("3")), ("n01/0002.jpg", jpeg), ("n01/0002.cls", Archives.Text("0\n")));
        yield return Archives.Tar(TarEntryFormat.Pax, ("./a.json", Archives.Text("{\"label\": 2, \"caption\": \"x\"}")), ("./a.png", png));
        yield return Archives.Tar(TarEntryFormat.Gnu, (new string('d', 120) + "/b.jpg", jpeg), ("c.txt", Archives.Text("no image")));
    }
}

/// <summary>Shards that are read in any order.</summary>
[CatalogEntry("tar_shards", "WebDataset's shards, .tar")]
internal sealed class TarShardTarget : ShardTarget
{
    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Tar, Mutation.Mutators.Tar];

    internal override IEnumerable<Seed> Seeds() => Shards().Select(bytes => new Seed("input.tar", bytes));

    internal override void Read(string path)
    {
        var shards = ShardSet.Expand(path);
        var streamed = shards.Read(sample => sample.Image.Length).ToArray();
        if (!streamed.SequenceEqual(shards.Index().Select(entry => entry.Length)))
            throw new InvalidOperationException("the two ways of reading find other images");
        if (streamed.Length == 0)
            return;
        var images = ImageSets.Open(shards, "set", ImagePreparation.Square(4));
        for (var i = 0; i < images.Count; i++)
            images.Image(i);
    }
}

/// <summary>Shards that are read as a stream.</summary>
[CatalogEntry("tar_gz_shards", "WebDataset's shards, .tar.gz")]
internal sealed class TarGzShardTarget : ShardTarget
{
    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Gzip(Mutation.Mutators.Tar)];

    internal override IEnumerable<Seed> Seeds() => Shards().Select(bytes => new Seed("input.tar.gz", Packing.Gzip(bytes)));

    internal override void Read(string path) => _ = ShardSet.Expand(path).Read(sample => sample.Label).Count();
}
