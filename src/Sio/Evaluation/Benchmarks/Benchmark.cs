using Sio.Data;

namespace Sio.Evaluation.Benchmarks;

/// <summary>The images of a benchmark: what to train on, and which sets are near and which far.</summary>
public sealed record BenchmarkData
{
    /// <summary>The benchmark's name.</summary>
    public required string Name { get; init; }

    /// <summary>ID training images, labels from 0.</summary>
    public required ImageSet Train { get; init; }

    /// <summary>
    /// ID images that are neither trained on nor tested with, for detectors that fit on such; null where there are none. Never part of a test set.
    /// </summary>
    public ImageSet? Validation { get; init; }

    /// <summary>
    /// OOD images to choose hyper-parameters with, labels −1; null where there are none. Never part of a test set.
    /// </summary>
    public ImageSet? ValidationOod { get; init; }

    /// <summary>ID test images.</summary>
    public required ImageSet Test { get; init; }

    /// <summary>Near-OOD sets: close to the ID images in content.</summary>
    public required IReadOnlyList<ImageSet> Near { get; init; }

    /// <summary>Far-OOD sets.</summary>
    public required IReadOnlyList<ImageSet> Far { get; init; }

    /// <summary>Images of the known classes under covariate shift, with labels, for full-spectrum results; none for most benchmarks.</summary>
    public IReadOnlyList<ImageSet> ShiftedId { get; init; } = [];

    /// <summary>The label that synthetic sets have for each ID class, when they keep the data set's own numbering; else null.</summary>
    public IReadOnlyList<int>? SyntheticLabels { get; init; }

    /// <summary>The normalisation used when a recipe gives none.</summary>
    public required Normalization Normalization { get; init; }

    /// <summary>Refuses sets that would only fail, or write over each other's scores, after the training.</summary>
    /// <exception cref="DataException">A set is empty, has images of another size, or a name that is no file's name or another set's.</exception>
    internal void Check()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var set in (ImageSet[])[Train, .. Validation is null ? [] : new[] { Validation }, .. ValidationOod is null ? [] : new[] { ValidationOod }, Test, .. Near, .. Far, .. ShiftedId])
        {
            if (set.Count == 0)
                throw new DataException($"the image set '{set.Name}' of {Name} holds no images, at least one was expected");
            if (!set.HasSameImageSize(Train))
                throw new DataException($"the images of {set} are not of the training images' size ({Train})");
            if (set == Train || set == Validation || set == ValidationOod)
                continue;
            if (set.Name.Contains('/', StringComparison.Ordinal))
                throw new DataException($"the image set '{set.Name}' cannot give its scores their name: a name without '/' was expected");
            if (!names.Add(set.Name))
                throw new DataException($"two image sets are named '{set.Name}', and would share one file of scores: give every one of data.test (its file), data.near, data.far and data.shifted_id a name of its own");
        }
    }
}

/// <summary>Which images a benchmark takes, and from where.</summary>
public sealed record BenchmarkOptions
{
    /// <summary>The folder of the data set; null for where the benchmark looks by itself.</summary>
    public string? Folder { get; init; }

    /// <summary>Training images to take, evenly over the classes; null for all.</summary>
    public int? TrainImages { get; init; }

    /// <summary>ID validation images to take, at most, evenly over the classes, from training images that are not trained on.</summary>
    public int ValidationImages { get; init; } = 1000;

    /// <summary>ID test images to take, evenly over the classes; null for all.</summary>
    public int? TestImages { get; init; }

    /// <summary>Seed of those choices, and of made-up OOD images. Not the training's seed: every run sees the same images.</summary>
    public int SubsetSeed { get; init; }

    /// <summary>Images per made-up OOD set.</summary>
    public int NoiseImages { get; init; } = 1000;

    /// <summary>A folder with MNIST's test files, to be one more far-OOD set; null for none.</summary>
    public string? Mnist { get; init; }

    /// <summary>For <c>files</c>: the ID training images.</summary>
    public string? Train { get; init; }

    /// <summary>For <c>files</c>: ID validation images; null for none.</summary>
    public string? Validation { get; init; }

    /// <summary>For <c>files</c>: the ID test images.</summary>
    public string? Test { get; init; }

    /// <summary>For <c>files</c>: near-OOD sets by name.</summary>
    public IReadOnlyDictionary<string, string> Near { get; init; } = new Dictionary<string, string>();

    /// <summary>For <c>files</c>: far-OOD sets by name.</summary>
    public IReadOnlyDictionary<string, string> Far { get; init; } = new Dictionary<string, string>();

    /// <summary>For <c>files</c>: covariate-shifted ID sets by name.</summary>
    public IReadOnlyDictionary<string, string> ShiftedId { get; init; } = new Dictionary<string, string>();
}

/// <summary>
/// Which sets are ID, near-OOD and far-OOD. A class in this folder with a <see cref="CatalogEntryAttribute"/> and a constructor without
/// parameters can be named in recipes.
/// </summary>
public abstract class Benchmark
{
    /// <summary>Loads the images.</summary>
    /// <exception cref="DataException">A file is missing, damaged, or does not fit.</exception>
    public abstract BenchmarkData Load(BenchmarkOptions options);

    /// <summary>Takes part of a set, evenly over its classes.</summary>
    /// <exception cref="DataException">The set has fewer images.</exception>
    protected static ImageSet Part(ImageSet set, int? count, int seed)
    {
        ArgumentNullException.ThrowIfNull(set);
        if (count is not { } wanted || wanted == set.Count)
            return set;
        return wanted < set.Count ? set.Take(wanted, seed) : throw new DataException($"{set.Name} has {set.Count} images, {wanted} were asked for");
    }

    /// <summary>
    /// Validation images: of those that <see cref="Part"/> leaves when it takes <paramref name="trained"/> images, evenly over the classes. What is trained on
    /// stays the same, however many are asked for here.
    /// </summary>
    /// <returns>Null where nothing is asked for, or everything is trained on.</returns>
    protected static ImageSet? Rest(ImageSet set, int? trained, int wanted, int seed, string name)
    {
        ArgumentNullException.ThrowIfNull(set);
        if (wanted == 0 || trained is not { } count || count >= set.Count)
            return null;
        var rest = set.TakeRest(count, seed, name: name);
        return rest.Count <= wanted ? rest : rest.Take(wanted, seed);
    }

    /// <summary>The seeded far-OOD sets that any image size can have: Gaussian noise, uniform noise, blobs, gratings.</summary>
    protected static IEnumerable<ImageSet> MadeUp(ImageSet like, int count, int seed)
    {
        ArgumentNullException.ThrowIfNull(like);
        return
        [
            NoiseImages.Gaussian(count, like.Channels, like.Height, like.Width, seed), NoiseImages.Uniform(count, like.Channels, like.Height, like.Width, seed),
            NoiseImages.Blobs(count, like.Channels, like.Height, like.Width, seed), NoiseImages.Gratings(count, like.Channels, like.Height, like.Width, seed),
        ];
    }
}
