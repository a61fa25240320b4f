using System.Text.Json;
using System.Text.Json.Serialization;
using Sio.Data;

namespace Sio.Experiments.Results;

/// <summary>How a difference got its interval and p-value.</summary>
public enum ComparisonMethod
{
    /// <summary>Differences seed by seed, with Student's t.</summary>
    PairedT,

    /// <summary>Two groups of runs with different seeds: Welch's t, its degrees of freedom rounded down.</summary>
    WelchT,

    /// <summary>One run per side: DeLong's variance of the difference of two AUROCs on the same images.</summary>
    DeLong,

    /// <summary>One run per side: the stratified bootstrap, paired by image.</summary>
    Bootstrap,
}

/// <summary>A run that took part in a comparison.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Seed">Its seed.</param>
public sealed record ComparedFolder(string Folder, long Seed);

/// <summary>One figure of one detector on both sides. Per cent, and percentage points for differences.</summary>
public sealed record ComparisonRow
{
    /// <summary>The detector's name.</summary>
    public required string Detector { get; init; }

    /// <summary><c>near</c> or <c>far</c>: the OOD sets whose mean this is.</summary>
    public required string Group { get; init; }

    /// <summary>The metric's name in <c>results.json</c>: <c>auroc</c>, <c>fpr95</c>, …</summary>
    public required string Metric { get; init; }

    /// <summary>Whether more is better: so for AUROC, not for FPR@95.</summary>
    public required bool HigherIsBetter { get; init; }

    /// <summary>The base's runs, in ascending order of seeds.</summary>
    public required IReadOnlyList<double> BaseValues { get; init; }

    /// <summary>The other side's runs, likewise.</summary>
    public required IReadOnlyList<double> WithValues { get; init; }

    /// <summary>The base's mean over runs.</summary>
    public required Estimate Base { get; init; }

    /// <summary>The other side's mean over runs.</summary>
    public required Estimate With { get; init; }

    /// <summary>The other side minus the base.</summary>
    public required double Difference { get; init; }

    /// <summary>Lower end of the difference's 95 % interval.</summary>
    public required double Low { get; init; }

    /// <summary>Upper end.</summary>
    public required double High { get; init; }

    /// <summary>Where interval and p-value come from.</summary>
    public required ComparisonMethod Method { get; init; }

    /// <summary>Two-sided p-value of no difference.</summary>
    public required double P { get; init; }

    /// <summary>The p-value after Holm's correction over all rows.</summary>
    public double PHolm { get; init; } = 1;

    /// <summary>Whether the difference is significant at a family-wise level of 5 %.</summary>
    public bool Significant { get; init; }
}

/// <summary>What <c>sio compare</c> finds.</summary>
public sealed record ComparisonResults
{
    /// <summary>Name of the ID set.</summary>
    public required string Id { get; init; }

    /// <summary>Names of the near-OOD sets.</summary>
    public required IReadOnlyList<string> Near { get; init; }

    /// <summary>Names of the far-OOD sets.</summary>
    public required IReadOnlyList<string> Far { get; init; }

    /// <summary>The base's runs, in ascending order of seeds.</summary>
    public required IReadOnlyList<ComparedFolder> Base { get; init; }

    /// <summary>The other side's runs.</summary>
    public required IReadOnlyList<ComparedFolder> With { get; init; }

    /// <summary>Bootstrap replicates, where the bootstrap was used.</summary>
    public required int Replicates { get; init; }

    /// <summary>The bootstrap's seed.</summary>
    public required long BootstrapSeed { get; init; }

    /// <summary>Detectors that not every run has scored, and that were left out.</summary>
    public required IReadOnlyList<string> LeftOut { get; init; }

    /// <summary>A row per detector, group and metric.</summary>
    public required IReadOnlyList<ComparisonRow> Rows { get; init; }

    private static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Writes everything as JSON, in full precision, completely or not at all.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Write(string path) => AtomicFile.WriteAllText(path, JsonSerializer.Serialize(this, Json) + "\n");
}
