using System.Text;
using Sio.Data;
using Sio.Fuzz.Mutation;
using Sio.Fuzz.Seeds;

namespace Sio.Fuzz.Targets;

/// <summary>One array.</summary>
[CatalogEntry("npy", "NumPy's .npy")]
internal sealed class NpyTarget : FuzzTarget
{
    private const string File = "input.npy";

    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Npy];

    internal override IEnumerable<Seed> Seeds() =>
    [
        new(File, Arrays.Npy(Arrays.Pixels(24), 2, 3, 4)),
        new(File, Arrays.Npy([1.5f, float.NaN, -2f, 0f], 4)),
        new(File, Arrays.Npy(new long[] { 1, -1, long.MaxValue }, 3)),
        new(File, Arrays.Npy(NpyArray.Scalar(2.5))),
        new(File, Arrays.Npy("{'descr': '>f8', 'fortran_order': True, 'shape': (2, 3), }", new byte[48])),
        new(File, Arrays.Npy("{\"shape\": (4L, ), 'fortran_order': False, 'descr': \"|b1\"}", [0, 1, 2, 255])),
    ];

    internal override void Read(string path)
    {
        var array = Npy.Read(path);
        var (type, shape, _) = Npy.ReadHeader(path);
        if (type != array.Type || !shape.SequenceEqual(array.Shape))
            throw new InvalidOperationException("the header alone says something else than the whole file");
        _ = type == NpyType.Bool ? null : array.ToDoubles();
    }
}

/// <summary>An archive of arrays.</summary>
[CatalogEntry("npz", "NumPy's .npz, all arrays")]
internal sealed class NpzTarget : FuzzTarget
{
    private const string File = "input.npz";

    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Zip];

    internal override IEnumerable<Seed> Seeds() =>
    [
        new(File, Arrays.Npz(packed: false, ("a", NpyArray.Create(Arrays.Pixels(24), 2, 3, 4)), ("b", NpyArray.Create(new[] { 1f, 2f })))),
        new(File, Arrays.Npz(packed: true, ("images", NpyArray.Create(new byte[3000], 3000)), ("labels", NpyArray.Create(new long[] { 1 })))),
        new(File, Arrays.Npz(packed: true)),
    ];

    internal override void Read(string path) => Npz.Read(path);
}

/// <summary>Images and labels, as synthetic sets have them.</summary>
[CatalogEntry("image_arrays", "images, labels and names of classes in an .npz")]
internal sealed class ImageArraysTarget : FuzzTarget
{
    private const string File = "input.npz";

    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Zip, Mutation.Mutators.Zip];

    internal override IEnumerable<Seed> Seeds()
    {
        var (images, labels) = (NpyArray.Create(Arrays.Pixels(3 * 4 * 5 * 3), 3, 4, 5, 3), NpyArray.Create(new long[] { 0, 1, 2 }));
        yield return new(File, Arrays.Npz(packed: true, ("images", images), ("labels", labels)));
        yield return new(File, Arrays.Npz(packed: false, ("images", NpyArray.Create(Arrays.Pixels(40), 2, 4, 5)), ("labels", NpyArray.Create(new byte[] { 1, 0 }))));
        yield return new(File, Named("<U3", Encoding.UTF32.GetBytes("cat\0ox\0\0\u00e4\0\0")));
        yield return new(File, Named("|S3", "cowdogant"u8.ToArray()));

        byte[] Named(string type, byte[] names) => Archives.Zip(
            ("images.npy", Arrays.Npy(images)), ("labels.npy", Arrays.Npy(labels)), ("class_names.npy", Arrays.Npy($"{{'descr': '{type}', 'fortran_order': False, 'shape': (3,), }}", names[..(type == "|S3" ? 9 : 36)])));
    }

    internal override void Read(string path)
    {
        SyntheticSet.Load(path);
        SyntheticSet.LoadOutOfDistribution(path, "ood");
    }
}

/// <summary>Weights of synthetic images.</summary>
[CatalogEntry("synthetic_weights", "weights of synthetic images, .npy")]
internal sealed class SyntheticWeightsTarget : FuzzTarget
{
    private const string File = "weights.npy";

    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Npy];

    internal override IEnumerable<Seed> Seeds() =>
    [
        new(File, Arrays.Npy([1f, 0f, 2f])), new(File, Arrays.Npy([1.0, 1e300, 1e-300])), new(File, Arrays.Npy([(byte)1, (byte)2, (byte)3])),
    ];

    internal override void Read(string path) => SyntheticWeights.Load(path, 3);
}

/// <summary>Scores of <c>sio metrics</c>.</summary>
[CatalogEntry("scores", "files of scores that sio metrics takes")]
internal sealed class ScoresTarget : FuzzTarget
{
    private const string Other = "ood.npy";

    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Npy];

    internal override IEnumerable<Seed> Seeds() =>
    [
        new("id.npy", Arrays.Npy([0.9f, 0.8f, float.PositiveInfinity, 0.1f])), new("id.npy", Arrays.Npy([0.9, 0.8, -1e308, 0.1], 4, 1)), new("id.npy", Arrays.Npy([1f])),
    ];

    internal override void Prepare(string folder) => System.IO.File.WriteAllBytes(Path.Combine(folder, Other), Arrays.Npy([0.3f, 0.5f, 0.9f]));

    internal override void Read(string path) => Cli.Commands.MetricsCommand.Compute(path, Path.Combine(Path.GetDirectoryName(path)!, Other));
}
