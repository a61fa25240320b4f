using System.Formats.Tar;
using Sio.Data;
using Sio.Fuzz.Mutation;
using Sio.Fuzz.Seeds;

namespace Sio.Fuzz.Targets;

/// <summary>CIFAR's binary version.</summary>
[CatalogEntry("cifar_binary", "batches of CIFAR's binary version")]
internal sealed class CifarBinaryTarget : FuzzTarget
{
    internal override IEnumerable<Seed> Seeds() => [new("test_batch.bin", Batch(1)), new("test_batch.bin", Batch(2)), new("test.bin", [1, .. Batch(1)])];

    internal override void Read(string path)
    {
        if (Path.GetFileName(path) == "test.bin")
            Cifar100.Load(Split.Test, Path.GetDirectoryName(path)!);
        else
            Cifar10.Load(Split.Test, Path.GetDirectoryName(path)!);
    }

    internal static byte[] Batch(int images) => [.. Enumerable.Range(0, images).SelectMany(i => Arrays.Pixels(3072).Prepend((byte)i))];
}

/// <summary>CIFAR's official archives.</summary>
[CatalogEntry("cifar_archive", "archives of CIFAR-10, .tar.gz, by the data that is in them")]
internal sealed class CifarArchiveTarget : FuzzTarget
{
    private const string File = "cifar-10.tar.gz";

    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Gzip(Mutation.Mutators.Tar), Mutation.Mutators.Gzip(Mutation.Mutators.Tar)];

    internal override IEnumerable<Seed> Seeds() =>
    [
        new(File, Packing.Gzip(Archives.Tar(TarEntryFormat.Ustar, ("cifar-10-batches-bin/readme.html", Archives.Text("x")), ("cifar-10-batches-bin/test_batch.bin", CifarBinaryTarget.Batch(1))))),
        new(File, Packing.Gzip(Archives.Tar(TarEntryFormat.Gnu, ("cifar-10-batches-py/test_batch", SeedFiles.Read("readers/cifar-python-2.pkl"))))),
    ];

    internal override void Read(string path) => Cifar10.Load(Split.Test, path);
}

/// <summary>MATLAB's files, as SVHN has them.</summary>
[CatalogEntry("matlab", "MATLAB files of version 5, as SVHN has them")]
internal sealed class MatlabTarget : FuzzTarget
{
    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, new MatElements()];

    internal override IEnumerable<Seed> Seeds() =>
        [.. new[] { "svhn", "svhn-one", "svhn-plain" }.Select(name => new Seed("train_32x32.mat", SeedFiles.Read($"readers/{name}.mat"))), new("train_32x32.mat", SeedFiles.Read("readers/svhn-float.mat"), IsValid: false)];

    internal override void Read(string path) => Svhn.LoadFile(path);
}

/// <summary>The lists of Tiny ImageNet.</summary>
[CatalogEntry("tiny_imagenet", "the lists of Tiny ImageNet")]
internal sealed class TinyImageNetTarget : FuzzTarget
{
    private const string Ids = "n01443537\nn01629819\n", Labels = "val_0.png\tn01443537\t0\t32\t44\t62\nval_1.png\tn01629819\t0\t0\t63\t63\n";

    private static readonly string s_list = Path.Combine("val", "val_annotations.txt");

    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Text];

    internal override IEnumerable<Seed> Seeds() => [new("wnids.txt", Archives.Text(Ids)), new(s_list, Archives.Text(Labels))];

    internal override void Prepare(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "val", "images"));
        File.WriteAllText(Path.Combine(folder, "wnids.txt"), Ids);
        File.WriteAllText(Path.Combine(folder, s_list), Labels);
        foreach (var name in (string[])["val_0.png", "val_1.png"])
            File.WriteAllBytes(Path.Combine(folder, "val", "images", name), SeedFiles.Read("images/rgb8.png"));
    }

    internal override void Read(string path)
    {
        var root = path.EndsWith(s_list, StringComparison.Ordinal) ? Path.GetDirectoryName(Path.GetDirectoryName(path))! : Path.GetDirectoryName(path)!;
        TinyImageNet.ClassIds(root);
        _ = TinyImageNet.Read(Split.Test, sample => sample.Label, root).Count();
    }
}
