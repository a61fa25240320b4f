using System.Security.Cryptography;
using Sio.Data;

namespace Sio.Evaluation.Benchmarks;

/// <summary>
/// The OOD images that hyper-parameters are chosen with: those of <c>data.validation_ood</c>, else those of the benchmark, else altered ID validation images (<see cref="AlteredImages"/>). Never test images.
/// </summary>
internal static class ValidationOodImages
{
    /// <summary>The set's name, in a bank of features too.</summary>
    internal const string Name = "val_ood";

    /// <summary>Finds or makes them.</summary>
    /// <param name="data">The benchmark's images.</param>
    /// <param name="path">An <c>.npz</c> or a folder with <c>images.npy</c>; null to make them of the ID validation images.</param>
    /// <param name="seed">Seed of those made here.</param>
    /// <returns>Null where none are named and there are fewer than two ID validation images to make some of.</returns>
    /// <exception cref="DataException">The file is missing, damaged or holds images of another size, or one that is in a test set.</exception>
    internal static ImageSet? For(BenchmarkData data, string? path, int seed)
    {
        if (path is null)
            return data.ValidationOod is { } own ? own : data.Validation is { Count: > 1 } validation ? AlteredImages.Make(validation, seed, Name) : null;
        var set = SyntheticSet.LoadOutOfDistribution(path, Name);
        if (!set.HasSameImageSize(data.Train))
            throw new DataException($"{path}: images of {set.Channels}×{set.Height}×{set.Width}, expected {data.Train.Channels}×{data.Train.Height}×{data.Train.Width} as in the training set");
        RefuseTestImages(set, path, [data.Test, .. data.Near, .. data.Far, .. data.ShiftedId]);
        return set;
    }

    // What is tested with must not have a say in what is chosen.
    private static void RefuseTestImages(ImageSet set, string path, ImageSet[] tests)
    {
        var own = new Dictionary<string, int>(set.Count, StringComparer.Ordinal);
        for (var i = 0; i < set.Count; i++)
            own.TryAdd(Hash(set, i), i);
        foreach (var test in tests)
        {
            for (var i = 0; i < test.Count; i++)
            {
                if (own.TryGetValue(Hash(test, i), out var same))
                    throw new DataException($"{path}: image {same} is image {i} of the test set '{test.Name}'; data.validation_ood must share no image with a test set, or its results would be chosen by the test");
            }
        }
    }

    private static string Hash(ImageSet set, int image) => Convert.ToHexString(SHA256.HashData(set.Image(image)));
}
