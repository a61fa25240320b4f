using Sio.Data;
using Sio.Recipes;

namespace Sio.Evaluation.Benchmarks;

/// <summary>
/// A benchmark as a YAML file: which sets are ID, near- and far-OOD, and where their images are. A recipe names it as <c>benchmark: my-benchmark.yml</c>;
/// <c>sio score --benchmark</c> takes near and far from it. Relative paths start at the file's folder. Image sets have the forms that <see cref="OwnFiles"/> reads.
/// </summary>
public sealed record BenchmarkFile
{
    private static readonly string[] s_extensions = [".yml", ".yaml"];

    /// <summary>Name.</summary>
    [Describe("What the benchmark is called in results; empty for the file's name.")]
    public string? Name { get; init; }

    /// <summary>Training images.</summary>
    [Describe("ID training images: an .npz, or a folder with images.npy and labels.npy.")]
    public required string Train { get; init; }

    /// <summary>Validation images.</summary>
    [Describe("ID validation images, for detectors that fit on such; not trained on, not tested with.")]
    public string? Validation { get; init; }

    /// <summary>Test images.</summary>
    [Describe("ID test images.")]
    public required string Test { get; init; }

    /// <summary>Near-OOD sets.</summary>
    [Describe("Near-OOD sets, name: path; they need no labels.")]
    public Dictionary<string, string> Near { get; init; } = [];

    /// <summary>Far-OOD sets.</summary>
    [Describe("Far-OOD sets, name: path.")]
    public Dictionary<string, string> Far { get; init; } = [];

    /// <summary>Covariate-shifted ID sets.</summary>
    [Describe("Images of the known classes under covariate shift, name: path, with labels; they count as ID in full-spectrum results.")]
    public Dictionary<string, string> ShiftedId { get; init; } = [];

    /// <summary>Normalisation.</summary>
    [Describe("Mean and standard deviation per channel on a scale from 0 to 1; left out, those of the training images.")]
    public NormalizationEntry? Normalization { get; init; }

    /// <summary>Near and far, by name.</summary>
    public OodGroups Groups(string path) => new([.. Near.Keys], [.. Far.Keys], path);

    /// <summary>Whether a recipe's <c>benchmark</c> names a file, by its ending, and no benchmark of the program's.</summary>
    public static bool IsFile(string benchmark)
    {
        ArgumentNullException.ThrowIfNull(benchmark);
        return s_extensions.Any(extension => benchmark.EndsWith(extension, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Reads a file; images are not looked at.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The benchmark, its paths absolute.</returns>
    /// <exception cref="DataException">The file is missing, a set is named twice, or a name or path is empty.</exception>
    /// <exception cref="RecipeException">A key is unknown, missing or given twice, or has a value of another type.</exception>
    public static BenchmarkFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new DataException($"{path}: not found, a benchmark file (YAML with train, test, near, far) was expected");
        var file = RecipeReader.Read<BenchmarkFile>(path);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var resolved = file with
        {
            Name = string.IsNullOrEmpty(file.Name) ? Path.GetFileNameWithoutExtension(path) : file.Name,
            Train = Resolve(file.Train, "train"),
            Validation = file.Validation is { } validation ? Resolve(validation, "validation") : null,
            Test = Resolve(file.Test, "test"),
            Near = ResolveAll(file.Near, "near"),
            Far = ResolveAll(file.Far, "far"),
            ShiftedId = ResolveAll(file.ShiftedId, "shifted_id"),
        };
        resolved.Groups(path).RefuseTwice();
        return resolved;

        string Resolve(string image, string key) => image.Length == 0 || image.Contains('\0', StringComparison.Ordinal)
            ? throw new DataException($"{path}: '{key}' is '{image.Replace('\0', '?')}', which names no file or folder")
            : Path.GetFullPath(image, folder);

        Dictionary<string, string> ResolveAll(Dictionary<string, string> sets, string key) => sets.ToDictionary(
            entry => entry.Key.Length > 0 ? entry.Key : throw new DataException($"{path}: a set of '{key}' needs a name, as in 'name: path'"),
            entry => Resolve(entry.Value, $"{key}.{entry.Key}"));
    }

    /// <summary>Loads the images.</summary>
    /// <param name="options">How many images, and the seed of the choice; the sets are this file's.</param>
    /// <exception cref="DataException">A set is missing, damaged, does not fit, or <paramref name="options"/> name sets too.</exception>
    public BenchmarkData Load(BenchmarkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var given = new (string Key, bool There)[]
        {
            ("folder", options.Folder is not null), ("train", options.Train is not null), ("validation", options.Validation is not null), ("test", options.Test is not null),
            ("near", options.Near.Count > 0), ("far", options.Far.Count > 0), ("shifted_id", options.ShiftedId.Count > 0), ("mnist", options.Mnist is not null),
        };
        if (given.FirstOrDefault(entry => entry.There).Key is { } key)
            throw new DataException($"data.{key} changes nothing with a benchmark file: the sets are those that '{Name}' names");
        var data = new OwnFiles().Load(options with { Train = Train, Validation = Validation, Test = Test, Near = Near, Far = Far, ShiftedId = ShiftedId });
        return data with
        {
            Name = Name ?? data.Name,
            Normalization = Normalization is { } own ? new Normalization(own.Mean, own.Std) : data.Normalization,
        };
    }
}

/// <summary>The normalisation of a benchmark file.</summary>
public sealed record NormalizationEntry
{
    /// <summary>Mean.</summary>
    [Describe("Mean per channel, of values from 0 to 1.")]
    public required float[] Mean { get; init; }

    /// <summary>Standard deviation.</summary>
    [Describe("Standard deviation per channel, above 0.")]
    public required float[] Std { get; init; }
}
