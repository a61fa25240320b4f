using System.Text.Encodings.Web;
using System.Text.Json;
using Sio.Data;

namespace Sio.Experiments.Inspection;

/// <summary>What <c>sio data inspect</c> finds without a classifier: counts, sizes and copies; the content of <c>data-inspect.json</c>.</summary>
public sealed record DataInspection
{
    /// <summary>The synthetic images.</summary>
    public required InspectedImages Set { get; init; }

    /// <summary>The real images that a generator may have seen.</summary>
    public required InspectedImages Training { get; init; }

    /// <summary>Real images that it has not seen.</summary>
    public required InspectedImages HeldOut { get; init; }

    /// <summary>Channels, rows and columns of every image.</summary>
    public required IReadOnlyList<int> Shape { get; init; }

    /// <summary>What was done to the images to make them comparable, and what was taken for what: a line each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The classes' names, or their numbers.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Synthetic images of each class.</summary>
    public required IReadOnlyList<int> SyntheticPerClass { get; init; }

    /// <summary>Training images of each class.</summary>
    public required IReadOnlyList<int> TrainingPerClass { get; init; }

    /// <summary>Synthetic images that are the same, bit by bit, as an earlier one.</summary>
    public required int Repeated { get; init; }

    /// <summary>Synthetic images that are the same, bit by bit, as a training image.</summary>
    public required int ExactCopies { get; init; }

    /// <summary>Of those, the ones with another label than the training image.</summary>
    public required int ExactCopiesOfOtherClass { get; init; }

    /// <summary>Synthetic images that are the same, bit by bit, as a held-out image.</summary>
    public required int ExactCopiesOfHeldOut { get; init; }

    /// <summary>Held-out images that are the same, bit by bit, as a training image: what the real set itself brings.</summary>
    public required int HeldOutInTraining { get; init; }

    /// <summary>The share of held-out images that lie as near to a training image as <see cref="NearThreshold"/>.</summary>
    public required double NearQuantile { get; init; }

    /// <summary>Distance of thumbnails, 8×8, pixels in 0…1, up to which two images count as nearly the same.</summary>
    public required double NearThreshold { get; init; }

    /// <summary>Synthetic images at most so near to a training image, exact copies included.</summary>
    public required int NearCopies { get; init; }

    /// <summary>Median distance of a synthetic image's thumbnail to the nearest of a training image.</summary>
    public required double MedianSynthetic { get; init; }

    /// <summary>The same for held-out real images.</summary>
    public required double MedianHeldOut { get; init; }

    /// <summary>The closest pairs of each class, class by class and closest first.</summary>
    public required IReadOnlyList<ClosePair> Closest { get; init; }

    /// <summary>The pictures written beside this file.</summary>
    public IReadOnlyList<string> Pictures { get; init; } = [];

    private static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web) { WriteIndented = true, RespectNullableAnnotations = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal void Write(string path) => AtomicFile.WriteAllText(path, JsonSerializer.Serialize(this, Json) + "\n");

    /// <summary>Reads a file that an inspection wrote.</summary>
    /// <exception cref="DataException">The file is missing or no such file.</exception>
    public static DataInspection Read(string path) => DataFile.Read(path, stream =>
    {
        try
        {
            return JsonSerializer.Deserialize<DataInspection>(stream, Json) ?? throw new JsonException("it holds null");
        }
        catch (JsonException error)
        {
            throw new DataException($"{path}: cannot be read as an inspection ({DataFile.OneLine(error.Message)})", error);
        }
    });
}
