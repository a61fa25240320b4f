using System.Text.Json;
using System.Text.Json.Serialization;
using Sio.Data;

namespace Sio.Detection;

/// <summary>The normalisation that a bank's images want, in its file <c>normalization.json</c>: <c>{"mean": […], "std": […]}</c>, a value per channel on the scale 0 to 1.</summary>
public static class NormalizationFile
{
    /// <summary>The file's name.</summary>
    public const string Name = "normalization.json";

    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    private sealed record Content([property: JsonPropertyName("mean")] float[]? Mean, [property: JsonPropertyName("std")] float[]? Std);

    /// <summary>Reads a folder's file.</summary>
    /// <returns>The normalisation; null where there is no file.</returns>
    /// <exception cref="DataException">The file is damaged, or its values are no normalisation.</exception>
    public static Normalization? Read(string folder)
    {
        var path = Path.Combine(folder, Name);
        if (!File.Exists(path))
            return null;
        try
        {
            var content = JsonSerializer.Deserialize<Content>(InputFile.ReadText(path), s_json);
            if (content is not { Mean: { } mean, Std: { } std } || mean.Length == 0 || mean.Length != std.Length || !IsValid(mean, std))
                throw new DataException($"{path}: expected {{\"mean\": […], \"std\": […]}}, finite numbers, one per channel in each, those of std above 0");
            return new Normalization(mean, std);
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Writes a folder's file.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string folder, Normalization normalization)
    {
        ArgumentNullException.ThrowIfNull(normalization);
        AtomicFile.WriteAllText(Path.Combine(folder, Name), JsonSerializer.Serialize(new Content(normalization.Mean, normalization.Std), s_json) + "\n");
    }

    /// <summary>Whether means and deviations are finite, and the deviations above 0.</summary>
    public static bool IsValid(IReadOnlyList<float>? mean, IReadOnlyList<float>? std) =>
        (mean?.All(float.IsFinite) ?? true) && (std?.All(value => float.IsFinite(value) && value > 0) ?? true);
}
