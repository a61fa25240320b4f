using Sio.Data;
using Sio.Evaluation.Generated;

namespace Sio.Experiments.Inspection;

/// <summary>What an inspection knows of every single synthetic image, to filter by, beside its results.</summary>
public sealed record Inspection
{
    /// <summary>The results.</summary>
    public required InspectionResults Results { get; init; }

    /// <summary>The synthetic images with the labels that they have on disk.</summary>
    public required ImageSet Stored { get; init; }

    /// <summary>The classes of the synthetic images in the real set's numbering.</summary>
    public required IReadOnlyList<int> Labels { get; init; }

    /// <summary>The class that the real-data classifier sees in each.</summary>
    public required IReadOnlyList<int> Predictions { get; init; }

    /// <summary>The probability that it gives to each image's own label, 0 to 1.</summary>
    public required IReadOnlyList<double> Confidence { get; init; }

    /// <summary>The nearest training images, in pixels.</summary>
    public required NearestNeighbours Neighbours { get; init; }

    /// <summary><see cref="ManifoldMeasures.Realism"/> of each; null unless it was asked for.</summary>
    public IReadOnlyList<double>? Realism { get; init; }
}
