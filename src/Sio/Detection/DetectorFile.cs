using System.Globalization;
using System.Text.Json;
using Sio.Data;
using Sio.Recipes;
using Sio.Serialization;
using Sio.Training;
using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>A fitted detector on disk: a safetensors file whose metadata has the hyper-parameters and fitted numbers as JSON.</summary>
public static class DetectorFile
{
    private const string Format = "sio-detector-1";

    private static readonly JsonSerializerOptions s_strict = new() { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    private sealed record Header(string Detector, string Settings, long FeatureSize, long Classes, Dictionary<string, string> Numbers);

    /// <summary>Writes a fitted detector.</summary>
    /// <exception cref="DetectionException">It has not been fitted.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, Detector detector)
    {
        ArgumentNullException.ThrowIfNull(detector);
        var state = detector.State;
        if (detector.NeedsFit && !state.IsFitted)
            throw new DetectionException($"{detector.Name}: fit it before saving");

        // Numbers as text, since JSON has no word for infinity.
        var numbers = state.Numbers.ToDictionary(entry => entry.Key, entry => entry.Value.ToString("R", CultureInfo.InvariantCulture));
        var header = new Header(detector.Name, DetectorFactory.Describe(detector), state.FeatureSize, state.Classes, numbers);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["format"] = Format, ["sio"] = JsonSerializer.Serialize(header) };
        (string, Tensor)[] tensors = [.. state.Tensors.Select(entry => (entry.Key, entry.Value))];
        AtomicFile.Write(path, stream => Safetensors.Write(stream, tensors, StateFile.Signed(tensors, metadata)));
    }

    /// <summary>Reads a fitted detector, ready to score.</summary>
    /// <exception cref="DataException">The file is missing, damaged, or holds no detector.</exception>
    public static Detector Load(string path)
    {
        try
        {
            using var content = StateFile.ReadChecked(path);
            if (content.Metadata.GetValueOrDefault("format") != Format || !content.Metadata.TryGetValue("sio", out var json))
                throw new DataException($"{path} holds no detector (expected the format {Format})");
            var header = JsonSerializer.Deserialize<Header>(json, s_strict) ?? throw new DataException($"{path} holds no detector: its header is empty");
            var settings = header.Settings.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(line => line != "{}").Select(line => Setting(header.Detector, line));
            var detector = DetectorFactory.Create(header.Detector, settings);
            try
            {
                Restore(detector.State, header, content);
                return detector;
            }
            catch
            {
                detector.Dispose();
                throw;
            }
        }
        catch (Exception error) when (error is SafetensorsException or JsonException or FormatException or UnknownNameException or RecipeException)
        {
            throw new DataException($"{path} holds no detector that can be read: {error.Message}", error);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataException($"{path} does not exist", error);
        }
    }

    private static void Restore(FittedState state, Header header, SafetensorsContent content)
    {
        foreach (var (name, value) in content.Tensors)
            state.Keep(name, value.alias());
        foreach (var (name, value) in header.Numbers)
            state.Keep(name, double.TryParse(value, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException($"the number '{name}' is {DataFile.Quote(value)}"));
        // One that needs no fitting may have been saved without it: it has no sizes to hold banks to.
        if (header.FeatureSize > 0)
            state.MarkFitted(header.FeatureSize, header.Classes);
    }

    // From YAML, as Describe writes it, to an override.
    private static string Setting(string detector, string line) => line.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon
        ? $"{detector}.{line[..colon]}={line[(colon + 1)..].Trim()}"
        : throw new FormatException($"the setting {DataFile.Quote(line)} has no value");
}
