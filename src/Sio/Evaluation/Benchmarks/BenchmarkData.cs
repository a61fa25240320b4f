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

    /// <summary>OOD sets that the benchmark names and that are not at hand: their groups' means are over the others.</summary>
    public IReadOnlyList<MissingSet> Missing { get; init; } = [];

    /// <summary>Hyper-parameters of detectors, <c>detector.key=value</c>, that the benchmark's authors use in place of the detectors' own defaults.</summary>
    public IReadOnlyList<string> DetectorSettings { get; init; } = [];

    /// <summary>What a user should know of the loading, a line each: sets too large for memory, say.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

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

/// <summary>An OOD set of a benchmark that is not at hand.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Group">near, far or shifted_id.</param>
/// <param name="Hint">How to get it.</param>
public sealed record MissingSet(string Name, string Group, string Hint);

/// <summary>Which images a benchmark takes, and from where.</summary>
public sealed record BenchmarkOptions
{
    /// <summary>Stops between files and pictures.</summary>
    public CancellationToken Cancellation { get; init; }

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

    /// <summary>A folder with MNIST's test files, for benchmarks that have MNIST as a far-OOD set; null for where else it is found.</summary>
    public string? Mnist { get; init; }

    /// <summary>Which of an open-set benchmark's splits into known and held-out classes, ≥ 0; OpenOOD's are 1 to 5.</summary>
    public int Split { get; init; } = 1;

    /// <summary>For <c>files</c>: the ID training images.</summary>
    public string? Train { get; init; }

    /// <summary>For <c>files</c>: ID validation images; null for none.</summary>
    public string? Validation { get; init; }

    /// <summary>For <c>files</c>: the ID test images.</summary>
    public string? Test { get; init; }

    /// <summary>Near-OOD sets by name: those of <c>files</c>, and more for any other benchmark.</summary>
    public IReadOnlyDictionary<string, string> Near { get; init; } = new Dictionary<string, string>();

    /// <summary>Far-OOD sets by name, likewise.</summary>
    public IReadOnlyDictionary<string, string> Far { get; init; } = new Dictionary<string, string>();

    /// <summary>Covariate-shifted ID sets by name, likewise.</summary>
    public IReadOnlyDictionary<string, string> ShiftedId { get; init; } = new Dictionary<string, string>();
}
