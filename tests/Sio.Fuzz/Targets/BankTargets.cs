using Sio.Data;
using Sio.Detection;
using Sio.Experiments;
using Sio.Fuzz.Mutation;
using Sio.Fuzz.Seeds;

namespace Sio.Fuzz.Targets;

/// <summary>Banks of features, from whatever framework, and detectors on them.</summary>
[CatalogEntry("bank", "banks of features, scored by two detectors")]
internal sealed class BankTarget : FuzzTarget
{
    private const int Features = 4, Classes = 3;
    private static readonly string[] s_sets = ["train", "val", "test_id", "test_far"];

    internal override bool IsDear => true;

    internal override bool MakesTensors => true;

    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Npy];

    internal override IEnumerable<Seed> Seeds() => Files().Where(file => file.Name.StartsWith("fc_", StringComparison.Ordinal) || file.Name.StartsWith("test_", StringComparison.Ordinal)).Select(file => new Seed(file.Name, file.Bytes));

    internal override void Prepare(string folder)
    {
        foreach (var (name, bytes) in Files())
            File.WriteAllBytes(Path.Combine(folder, name), bytes);
    }

    internal override void Read(string path)
    {
        var output = Path.Combine(Path.GetDirectoryName(path)!, "out");
        try
        {
            BankScorer.Score(new BankFolder(Path.GetDirectoryName(path)!), output, new ScoreOptions { Detectors = ["msp", "mls"] });
        }
        finally
        {
            if (Directory.Exists(output))
                Directory.Delete(output, recursive: true);
        }
    }

    private static IEnumerable<(string Name, byte[] Bytes)> Files()
    {
        yield return ("fc_weight.npy", Arrays.Npy([.. Enumerable.Range(0, Classes * Features).Select(i => i % (Features + 1) == 0 ? 1f : 0f)], Classes, Features));
        yield return ("fc_bias.npy", Arrays.Npy(new float[Classes]));
        foreach (var (at, set) in s_sets.Index())
        {
            float[] features = [.. Enumerable.Range(0, 6 * Features).Select(i => (((i * 7) + (at * 3)) % 11) / 4f)];
            yield return (set + "_features.npy", Arrays.Npy(features, 6, Features));
            yield return (set + "_logits.npy", Arrays.Npy([.. Enumerable.Range(0, 6 * Classes).Select(i => features[(i / Classes * Features) + (i % Classes)])], 6, Classes));
            yield return (set + "_labels.npy", Arrays.Npy([.. Enumerable.Range(0, 6).Select(i => set == "test_far" ? -1L : i % Classes)]));
        }
    }
}

/// <summary>Banks of images for a model.</summary>
[CatalogEntry("bank_images", "images in a bank, and their normalisation")]
internal sealed class BankImagesTarget : FuzzTarget
{
    private const string Images = "test_id_images.npy";

    internal override bool MakesTensors => true;

    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Npy, Mutation.Mutators.Json];

    internal override IEnumerable<Seed> Seeds() =>
    [
        new(Images, Arrays.Npy(Arrays.Pixels(2 * 3 * 3 * 3), 2, 3, 3, 3)), new(Images, Arrays.Npy(new float[2 * 3 * 2 * 2], 2, 3, 2, 2)),
        new(NormalizationFile.Name, Archives.Text("{\"mean\": [0.1, 0.2, 0.3], \"std\": [0.5, 0.5, 0.5]}")),
    ];

    internal override void Prepare(string folder)
    {
        foreach (var seed in Seeds().DistinctBy(seed => seed.File))
            File.WriteAllBytes(Path.Combine(folder, seed.File), seed.Bytes);
    }

    internal override void Read(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        var normalization = NormalizationFile.Read(folder) ?? throw new DataException($"{folder}: without normalisation");
        using var images = BankImageFile.Open(Path.Combine(folder, Images), normalization.Mean, normalization.Std, long.MaxValue);
        foreach (var batch in images.Batches())
            batch.Dispose();
    }
}
