using Sio.Data;
using Sio.Fuzz.Mutation;
using Sio.Fuzz.Seeds;

namespace Sio.Fuzz.Targets;

/// <summary>MNIST's images.</summary>
[CatalogEntry("idx_images", "images of MNIST's kind, raw and in gzip")]
internal sealed class IdxImagesTarget : FuzzTarget
{
    private const string File = "train-images-idx3-ubyte";

    private static readonly byte[] s_images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, .. Arrays.Pixels(24)];

    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Gzip(Mutation.Mutators.Binary)];

    internal override IEnumerable<Seed> Seeds() =>
        [new(File, s_images), new(File, Packing.Gzip(s_images)), new(File, [0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1])];

    internal override void Read(string path)
    {
        Idx.ReadImages(path);
        IdxFolder.LoadImages(Path.GetDirectoryName(path)!, "ood");
    }
}

/// <summary>MNIST's labels, beside images.</summary>
[CatalogEntry("idx_labels", "labels of MNIST's kind, raw and in gzip")]
internal sealed class IdxLabelsTarget : FuzzTarget
{
    private const string File = "t10k-labels-idx1-ubyte";

    private static readonly byte[] s_labels = [0, 0, 8, 1, 0, 0, 0, 3, 9, 0, 4];

    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Gzip(Mutation.Mutators.Binary)];

    internal override IEnumerable<Seed> Seeds() => [new(File, s_labels), new(File, Packing.Gzip(s_labels))];

    internal override void Prepare(string folder) => System.IO.File.WriteAllBytes(Path.Combine(folder, "t10k-images-idx3-ubyte"), [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 1, 1, 2, 3]);

    internal override void Read(string path) => IdxFolder.Load(Path.GetDirectoryName(path)!, Split.Test, "mnist", [.. Enumerable.Range(0, 10).Select(i => $"{i}")]);
}
