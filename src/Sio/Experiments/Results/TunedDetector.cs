using System.Text.Json.Serialization;

namespace Sio.Experiments.Results;

/// <summary>What a hyper-parameter search chose for a detector, and all that it tried.</summary>
public sealed record TunedDetector
{
    /// <summary>The settings chosen, <c>detector.key=value</c> as <c>--set</c> and <c>evaluation.settings</c> take them; those that the user has set are not among them.</summary>
    [JsonPropertyName("settings")]
    public required IReadOnlyList<string> Settings { get; init; }

    /// <summary>Their AUROC of ID validation against OOD validation images, 0 to 100.</summary>
    [JsonPropertyName("auroc")]
    public required double Auroc { get; init; }

    /// <summary>The same with the detector's defaults; null where these cannot run here.</summary>
    [JsonPropertyName("default_auroc")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? DefaultAuroc { get; init; }

    /// <summary>Every combination of the grid, in its order.</summary>
    [JsonPropertyName("tried")]
    public required IReadOnlyList<TriedSettings> Tried { get; init; }
}

/// <summary>One combination of hyper-parameters that a search tried.</summary>
public sealed record TriedSettings
{
    /// <summary>The settings, <c>detector.key=value</c>.</summary>
    [JsonPropertyName("settings")]
    public required IReadOnlyList<string> Settings { get; init; }

    /// <summary>AUROC of ID validation against OOD validation images, 0 to 100; null where the settings cannot run on these data.</summary>
    [JsonPropertyName("auroc")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Auroc { get; init; }

    /// <summary>Why they cannot; null where they can.</summary>
    [JsonPropertyName("refused")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Refused { get; init; }
}
