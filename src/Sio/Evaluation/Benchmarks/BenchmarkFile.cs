using System.ComponentModel.DataAnnotations;
using Sio.Data;
using Sio.Data.Images;
using Sio.Data.Readers;
using Sio.Recipes;

namespace Sio.Evaluation.Benchmarks;

/// <summary>
/// A benchmark as a YAML file: which sets are ID, near- and far-OOD, and where their images are. Those that come with the program are in <c>src/Sio/Evaluation/Benchmarks/Files</c>; a
/// recipe names one of them, or a file of one's own: <c>benchmark: my-benchmark.yml</c>. Sources of images have the forms that <c>docs/data.md</c> lists; paths start at the file's folder.
/// </summary>
public sealed record BenchmarkFile
{
    /// <summary>A near- or far-OOD source: the test images of the classes that <see cref="Classes"/> holds out.</summary>
    public const string HeldOut = "held-out";

    private static readonly string[] s_extensions = [".yml", ".yaml"];

    /// <summary>Name.</summary>
    [Describe("What the benchmark is called in results; empty for the file's name.")]
    public string? Name { get; init; }

    /// <summary>Summary.</summary>
    [Describe("What it is, in one line.")]
    public string? Summary { get; init; }

    /// <summary>ID name.</summary>
    [Describe("What the ID sets are called in results; empty for the test images' file name.")]
    public string? IdName { get; init; }

    /// <summary>Size.</summary>
    [Describe("Width and height that all images are brought to, in pixels; empty where they are of one size.")]
    [Range(1, 4096)]
    public int? Size { get; init; }

    /// <summary>Shorter side.</summary>
    [Describe("Length of the shorter side before the middle is cut out, in pixels; empty for size.")]
    [Range(1, 4096)]
    public int? ShorterSide { get; init; }

    /// <summary>Channels.</summary>
    [Describe("Channels that all images are brought to where size is given: 1 for grey, 3 for RGB.")]
    [Range(1, 3)]
    public int Channels { get; init; } = 3;

    /// <summary>Classes.</summary>
    [Describe("Known classes of the ID set: labels and ranges (0, 1, 5-8) in the order of their new labels, or 'random 6 of 10'; empty for all. OpenOOD's lists have their own.")]
    public string? Classes { get; init; }

    /// <summary>Ignored classes.</summary>
    [Describe("Classes that are neither known nor held out: labels and ranges.")]
    public string? IgnoredClasses { get; init; }

    /// <summary>Training images.</summary>
    [Describe("ID training images.")]
    public required string Train { get; init; }

    /// <summary>Validation images.</summary>
    [Describe("ID validation images, for detectors that fit on such; not trained on, not tested with.")]
    public string? Validation { get; init; }

    /// <summary>Validation images from the test set.</summary>
    [Describe("Share of the test images that are validation images instead where validation names none that is there; 0 for none, and for training images that are not trained on.")]
    [Range(0.0, 0.9)]
    public double ValidationFromTest { get; init; }

    /// <summary>OOD validation images.</summary>
    [Describe("OOD images to choose hyper-parameters with, none of a test set; made of ID validation images where there are none.")]
    public string? ValidationOod { get; init; }

    /// <summary>Test images.</summary>
    [Describe("ID test images.")]
    public required string Test { get; init; }

    /// <summary>Near-OOD sets.</summary>
    [Describe("Near-OOD sets, name: source; they need no labels.")]
    public Dictionary<string, string> Near { get; init; } = [];

    /// <summary>Far-OOD sets.</summary>
    [Describe("Far-OOD sets, name: source.")]
    public Dictionary<string, string> Far { get; init; } = [];

    /// <summary>Covariate-shifted ID sets.</summary>
    [Describe("Images of the known classes under covariate shift, name: source, with labels; they count as ID in full-spectrum results.")]
    public Dictionary<string, string> ShiftedId { get; init; } = [];

    /// <summary>Detectors' hyper-parameters.</summary>
    [Describe("Hyper-parameters of detectors that the benchmark's authors use in place of the defaults here, as detector.key=value; what a recipe or --set says wins.")]
    public List<string> DetectorSettings { get; init; } = [];

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
        return file.Checked(path, Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFileNameWithoutExtension(path));
    }

    /// <summary>Checks what was read, and makes its paths absolute.</summary>
    internal BenchmarkFile Checked(string source, string folder, string name)
    {
        var resolved = this with
        {
            Name = string.IsNullOrEmpty(Name) ? name : Name,
            Train = Resolve(Train, "train"),
            Validation = Validation is { } validation ? Resolve(validation, "validation") : null,
            ValidationOod = ValidationOod is { } ood ? Resolve(ood, "validation_ood") : null,
            Test = Resolve(Test, "test"),
            Near = ResolveAll(Near, "near"),
            Far = ResolveAll(Far, "far"),
            ShiftedId = ResolveAll(ShiftedId, "shifted_id"),
        };
        resolved.Groups(source).RefuseTwice();
        if (Channels == 2)
            throw new DataException($"{source}: 'channels' is 2, 1 (grey) or 3 (RGB) was expected");
        if (Size is null && ShorterSide is not null)
            throw new DataException($"{source}: 'shorter_side' needs 'size'");
        if (Classes is null && IgnoredClasses is not null)
            throw new DataException($"{source}: 'ignored_classes' needs 'classes'");
        try
        {
            _ = Rule;
        }
        catch (DataException error)
        {
            throw new DataException($"{source}: {error.Message}", error);
        }

        return resolved;

        string Resolve(string text, string key)
        {
            var sources = ImageSourceFinder.Alternatives(text);
            if (sources.Length == 0 || text.Contains('\0', StringComparison.Ordinal))
                throw new DataException($"{source}: '{key}' is '{text.Replace('\0', '?')}', which names no file or folder");
            if (sources.Contains(HeldOut) && Classes is null)
                throw new DataException($"{source}: '{key}' asks for held-out classes, but 'classes' names no known ones");
            return ImageSourceFinder.Absolute(text, folder);
        }

        Dictionary<string, string> ResolveAll(Dictionary<string, string> sets, string key) => sets.ToDictionary(
            entry => entry.Key.Length > 0 ? entry.Key : throw new DataException($"{source}: a set of '{key}' needs a name, as in 'name: path'"),
            entry => Resolve(entry.Value, $"{key}.{entry.Key}"));
    }

    /// <summary>How images are brought to size; null where they are of one size.</summary>
    internal ImagePreparation? Preparation => Size is { } size ? ImagePreparation.Square(size, ShorterSide) with { Channels = Channels } : null;

    /// <summary>The rule of known and held-out classes; null for all known.</summary>
    internal ClassRule? Rule => Classes is null ? null : ClassRule.Parse(Classes, IgnoredClasses);
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
