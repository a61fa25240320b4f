using System.Text.Encodings.Web;
using System.Text.Json;
using Sio.Data;

namespace Sio.Experiments.Inspection;

/// <summary>One side's images.</summary>
public sealed record InspectedImages
{
    /// <summary>Where they are from.</summary>
    public required string Source { get; init; }

    /// <summary>How many.</summary>
    public required int Images { get; init; }

    /// <summary>How many of each class.</summary>
    public required IReadOnlyList<int> PerClass { get; init; }

    /// <summary><see cref="ImageSet.ContentHash"/>.</summary>
    public required string Sha256 { get; init; }

    internal static InspectedImages Of(ImageSet set, string source) => new() { Source = source, Images = set.Count, PerClass = set.CountPerClass(), Sha256 = set.ContentHash };
}

/// <summary>How a set of images lies among real training images, on the features of a classifier.</summary>
public sealed record DistributionMeasures
{
    /// <summary>Fréchet distance; 0 is best.</summary>
    public required double Frechet { get; init; }

    /// <summary>Kernel distance, unbiased; 0 is best, values below it are chance.</summary>
    public required double Kernel { get; init; }

    /// <summary>Share of the images among real ones, 0 to 1.</summary>
    public required double Precision { get; init; }

    /// <summary>Share of real images among these, 0 to 1.</summary>
    public required double Recall { get; init; }

    /// <summary>How densely real images lie around these; about 1 for real ones.</summary>
    public required double Density { get; init; }

    /// <summary>Share of real images with one of these near, 0 to 1.</summary>
    public required double Coverage { get; init; }
}

/// <summary>Accuracy in per cent.</summary>
public sealed record ClassAccuracy
{
    /// <summary>Of all images.</summary>
    public required double Overall { get; init; }

    /// <summary>Of each class's images.</summary>
    public required IReadOnlyList<double> PerClass { get; init; }
}

/// <summary>A class's own share of the measures.</summary>
public sealed record ClassMeasures
{
    /// <summary>Share of its synthetic images among real ones, of any class.</summary>
    public required double Precision { get; init; }

    /// <summary>Share of its real images among synthetic ones.</summary>
    public required double Recall { get; init; }

    /// <summary>Share of its real images with a synthetic one near.</summary>
    public required double Coverage { get; init; }
}

/// <summary>Whether synthetic images repeat training images, in one space.</summary>
public sealed record CopyMeasures
{
    /// <summary>Median distance of a synthetic image to the nearest training image.</summary>
    public required double MedianSynthetic { get; init; }

    /// <summary>The same for held-out real images.</summary>
    public required double MedianHeldOut { get; init; }

    /// <summary>The test's statistic over all images; far below 0 for copies.</summary>
    public required double Z { get; init; }

    /// <summary>C_T: the mean over classes, null where they are too small.</summary>
    public required double? C { get; init; }

    /// <summary>The statistic of each class; null where it is too small.</summary>
    public required IReadOnlyList<double?> PerClass { get; init; }

    /// <summary>C_T of one half of the held-out images against the other: what chance gives.</summary>
    public required double? Floor { get; init; }
}

/// <summary>A synthetic image and the training image nearest to it, in pixels.</summary>
/// <param name="Image">Its number in the synthetic set.</param>
/// <param name="Label">Its class.</param>
/// <param name="Neighbour">The training image's number.</param>
/// <param name="NeighbourLabel">That one's class.</param>
/// <param name="Distance">Euclidean, pixels in 0…1.</param>
public sealed record ClosePair(int Image, int Label, int Neighbour, int NeighbourLabel, double Distance);

/// <summary>What <c>sio generate inspect</c> finds; the content of <c>inspect.json</c>.</summary>
public sealed record InspectionResults
{
    /// <summary>The synthetic images.</summary>
    public required InspectedImages Set { get; init; }

    /// <summary>The real images that a generator may have seen.</summary>
    public required InspectedImages Training { get; init; }

    /// <summary>The real images that it has not.</summary>
    public required InspectedImages HeldOut { get; init; }

    /// <summary>The classes' names.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>The run whose classifier gave the features.</summary>
    public required string Classifier { get; init; }

    /// <summary>That classifier's network.</summary>
    public required string Network { get; init; }

    /// <summary>How many features it gives.</summary>
    public required int Features { get; init; }

    /// <summary>Images a side in <see cref="Synthetic"/>, <see cref="RealHeldOut"/> and <see cref="RealSplit"/>.</summary>
    public required int ImagesPerSide { get; init; }

    /// <summary>Which neighbour balls reach to.</summary>
    public required int K { get; init; }

    /// <summary>Seed of the choice of images.</summary>
    public required long Seed { get; init; }

    /// <summary>Synthetic against training images.</summary>
    public required DistributionMeasures Synthetic { get; init; }

    /// <summary>Held-out against training images: what a perfect generator would get.</summary>
    public required DistributionMeasures RealHeldOut { get; init; }

    /// <summary>Other training images against training images: the same without what the classifier has learnt by heart.</summary>
    public required DistributionMeasures RealSplit { get; init; }

    /// <summary>Coverage expected of a perfect generator, whatever the features.</summary>
    public required double ExpectedCoverage { get; init; }

    /// <summary>The measures class by class, in the order of <see cref="Classes"/>.</summary>
    public required IReadOnlyList<ClassMeasures> PerClass { get; init; }

    /// <summary>The classifier on held-out real images.</summary>
    public required ClassAccuracy RealOnHeldOut { get; init; }

    /// <summary>The classifier on synthetic images and their labels.</summary>
    public required ClassAccuracy RealOnSynthetic { get; init; }

    /// <summary>A classifier trained on synthetic images alone, at the same cost, on held-out real images; null where none was trained.</summary>
    public ClassAccuracy? SyntheticOnHeldOut { get; init; }

    /// <summary>Copies by pixels in 0…1.</summary>
    public required CopyMeasures CopiesInPixels { get; init; }

    /// <summary>Copies by features.</summary>
    public required CopyMeasures CopiesInFeatures { get; init; }

    /// <summary>The share of held-out images that lie as near to a training image as <see cref="CopyThreshold"/>.</summary>
    public required double CopyQuantile { get; init; }

    /// <summary>Distance in pixels below which a synthetic image is suspected to be a copy.</summary>
    public required double CopyThreshold { get; init; }

    /// <summary>How many synthetic images are.</summary>
    public required int SuspectedCopies { get; init; }

    /// <summary>The closest pairs of each class, class by class and closest first.</summary>
    public required IReadOnlyList<ClosePair> Closest { get; init; }

    /// <summary>The pictures written beside this file.</summary>
    public IReadOnlyList<string> Pictures { get; init; } = [];

    private static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // class names stay readable; the file is no part of a web page
    };

    /// <summary>Writes everything as JSON, in full precision, completely or not at all.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Write(string path) => AtomicFile.WriteAllText(path, JsonSerializer.Serialize(this, Json) + "\n");

    /// <summary>Reads a file that <see cref="Write"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">The file is missing or no such file.</exception>
    public static InspectionResults Read(string path)
    {
        try
        {
            using var file = InputFile.Open(path);
            return JsonSerializer.Deserialize<InspectionResults>(file, Json) ?? throw new DataException($"{path}: holds null, the results of an inspection were expected.");
        }
        catch (Exception error) when (error is JsonException or IOException)
        {
            throw new DataException($"{path}: cannot be read as the results of an inspection ({error.Message})", error);
        }
    }
}
