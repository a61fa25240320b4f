using Sio.Evaluation.Generated;

namespace Sio.Experiments.Inspection;

/// <summary>What is inspected, against what, and how.</summary>
public sealed record InspectionPlan
{
    /// <summary>The synthetic set: an <c>.npz</c>, a folder with <c>images.npy</c> and <c>labels.npy</c>, one with a folder of image files per class, or <c>shipped:NAME</c>.</summary>
    public required string Set { get; init; }

    /// <summary>The real images: a benchmark, a recipe (<c>.yml</c>), or a set of one's own in the form of <see cref="Set"/>.</summary>
    public required string Against { get; init; }

    /// <summary>Real images that the generator has not seen, for a set of one's own; null takes a fifth of it.</summary>
    public string? HeldOut { get; init; }

    /// <summary>Where results, pictures and classifiers go.</summary>
    public required string Output { get; init; }

    /// <summary>A run whose classifier gives the features; null trains one.</summary>
    public string? Classifier { get; init; }

    /// <summary>Changes to the classifier's recipe, <c>key=value</c>.</summary>
    public IReadOnlyList<string> Overrides { get; init; } = [];

    /// <summary>Whether a classifier is trained on the synthetic images and tested on real ones.</summary>
    public bool TrainOnSynthetic { get; init; } = true;

    /// <summary>Which neighbour the balls of <see cref="ManifoldMeasures"/> reach to.</summary>
    public int K { get; init; } = 5;

    /// <summary>The most images a side for measures that depend on their number.</summary>
    public int MaxImages { get; init; } = 5000;

    /// <summary>
    /// A synthetic image is suspected to be a copy when it is nearer, in pixels, to a training image than all but this share of held-out real images are. In (0, 1).
    /// </summary>
    public double CopyQuantile { get; init; } = 0.01;

    /// <summary>Seed of the choice of images.</summary>
    public long Seed { get; init; }

    /// <summary>Whether the realism of every synthetic image is computed, to filter by it.</summary>
    public bool WithRealism { get; init; }
}
