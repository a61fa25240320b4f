using System.Text.Encodings.Web;
using System.Text.Json;
using Sio.Data;

namespace Sio.Generation;

/// <summary>The real images a generator has learnt: what sampling needs to know of them, so that they need not be at hand then.</summary>
/// <param name="Name">The image set.</param>
/// <param name="Images">How many.</param>
/// <param name="Sha256"><see cref="ImageSet.ContentHash"/>.</param>
/// <param name="Channels">Channels per image.</param>
/// <param name="Height">Rows per image.</param>
/// <param name="Width">Pixels per row.</param>
/// <param name="Labels">For each class the data set's own label, which samples get.</param>
public sealed record LearntImages(string Name, int Images, string Sha256, int Channels, int Height, int Width, IReadOnlyList<int> Labels)
{
    /// <summary>What a generator of such images is made for.</summary>
    internal GeneratorShape Shape => new(Channels, Height, Width, Labels.Count);

    internal bool IsPossible => Labels.Count > 0 && Labels.Distinct().Count() == Labels.Count && Labels.Min() >= 0 && Channels > 0 && Height > 0 && Width > 0;

    /// <summary>Describes a set.</summary>
    internal static LearntImages Of(ImageSet images, IReadOnlyList<int> labels) =>
        new(images.Name, images.Count, images.ContentHash, images.Channels, images.Height, images.Width, labels);
}

/// <summary>Where a set of samples comes from: all that is needed to make it again, byte for byte, on the same LibTorch and thread count.</summary>
public sealed record SampleProvenance
{
    /// <summary>The only value of <see cref="Format"/>.</summary>
    internal const string CurrentFormat = "sio-samples-1";

    /// <summary>Kind of this file.</summary>
    public string Format { get; init; } = CurrentFormat;

    /// <summary>The commands that make the set again; recipe.yml is <see cref="Recipe"/>.</summary>
    public required IReadOnlyList<string> Commands { get; init; }

    /// <summary>The family of the generator.</summary>
    public required string Generator { get; init; }

    /// <summary>How samples were drawn.</summary>
    public required string Sampler { get; init; }

    /// <summary>The real images.</summary>
    public required LearntImages Data { get; init; }

    /// <summary>SHA-256 of the file with the generator's weights.</summary>
    public required string WeightsSha256 { get; init; }

    /// <summary>Steps the generator was trained for.</summary>
    public required long Steps { get; init; }

    /// <summary>Seed of the samples.</summary>
    public required int Seed { get; init; }

    /// <summary>Images of each class in the whole set.</summary>
    public required int PerClass { get; init; }

    /// <summary>Place of this piece's first image in the whole set.</summary>
    public required int From { get; init; }

    /// <summary>Images in this piece.</summary>
    public required int Count { get; init; }

    /// <summary>Threads per operator.</summary>
    public required int Threads { get; init; }

    /// <summary>Where it was computed.</summary>
    public required string Device { get; init; }

    /// <summary>LibTorch's version.</summary>
    public required string LibTorch { get; init; }

    /// <summary>SHA-256 of the images' bytes, N×H×W×C.</summary>
    public required string ImagesSha256 { get; init; }

    /// <summary>SHA-256 of the labels' bytes, 64-bit little endian.</summary>
    public required string LabelsSha256 { get; init; }

    /// <summary>The generator's resolved recipe, as YAML.</summary>
    public required string Recipe { get; init; }

    /// <summary>Images of the whole set.</summary>
    internal int Total => PerClass * Data.Labels.Count;

    /// <summary>JSON on several lines.</summary>
    internal string ToJson() => GeneratorJson.Text(this);

    /// <summary>What two pieces of one set have in common, as text.</summary>
    internal string Common() => (this with { From = 0, Count = 0, ImagesSha256 = "", LabelsSha256 = "", Commands = [] }).ToJson();

    /// <summary>Reads a provenance file.</summary>
    /// <exception cref="DataException">It is missing, damaged, or something else.</exception>
    internal static SampleProvenance Read(string path) => GeneratorJson.Read<SampleProvenance>(
        path, value => value.Format == CurrentFormat && value.Data.IsPossible && value.PerClass > 0 && value.From >= 0 && value.Count > 0 && value.From + (long)value.Count <= value.Total);
}

/// <summary>JSON files of generators.</summary>
internal static class GeneratorJson
{
    private static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        // Readable for people: the file is never part of a web page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>A value on several lines.</summary>
    internal static string Text<T>(T value) => JsonSerializer.Serialize(value, Options) + "\n";

    /// <summary>Writes a file whole or not at all.</summary>
    internal static void Write<T>(string path, T value) => AtomicFile.WriteAllText(path, Text(value));

    /// <summary>Reads a file strictly.</summary>
    /// <exception cref="DataException">It is missing, damaged, or something else.</exception>
    internal static T Read<T>(string path, Func<T, bool> isPossible)
        where T : class
    {
        if (!File.Exists(path))
            throw new DataException($"{path} is missing");
        try
        {
            var value = JsonSerializer.Deserialize<T>(InputFile.ReadText(path), Options);
            return value is not null && isPossible(value) ? value : throw new DataException($"{path}: what it says cannot be");
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path} cannot be read: {DataFile.OneLine(error.Message)}", error);
        }
    }
}
