using System.ComponentModel.DataAnnotations;

namespace Sio.Generation;

/// <summary>How a generator is trained: what all families share. Part of a recipe, so every number that shapes the result is here or in the family's own settings.</summary>
public sealed record GenerationPlan
{
    /// <summary>Steps.</summary>
    [Describe("Training steps; each takes one batch of real images.")]
    [Range(1, 100_000_000)]
    public int Steps { get; init; } = 10_000;

    /// <summary>Batch size.</summary>
    [Describe("Real images per step.")]
    [Range(2, 65_536)]
    public int BatchSize { get; init; } = 64;

    /// <summary>Flip.</summary>
    [Describe("Mirror real images with probability 1/2; only where a mirrored image could be a real one.")]
    public bool Flip { get; init; }

    /// <summary>Half-life of the moving average.</summary>
    [Describe("Images after which a weight counts half in the moving average that samples are made with.")]
    [Range(1.0, 1e9)]
    public double EmaImages { get; init; } = 10_000;

    /// <summary>Ramp-up of the moving average.</summary>
    [Describe("The half-life is at most this share of the images seen so far, so that early weights are soon forgotten.")]
    [Range(0.001, 1.0)]
    public double EmaRampUp { get; init; } = 0.05;

    /// <summary>Log interval.</summary>
    [Describe("Steps between lines of log.jsonl.")]
    [Range(1, int.MaxValue)]
    public int LogEverySteps { get; init; } = 100;

    /// <summary>Checkpoint interval.</summary>
    [Describe("Steps between checkpoints.")]
    [Range(1, int.MaxValue)]
    public int CheckpointEverySteps { get; init; } = 500;

    /// <summary>Contact sheet interval.</summary>
    [Describe("Steps between contact sheets (samples/step-N.png); 0 for none.")]
    [Range(0, int.MaxValue)]
    public int SheetEverySteps { get; init; } = 1000;

    /// <summary>Snapshots.</summary>
    [Describe("Shares of the training, above 0 and below 1, after which the weights are kept, e.g. [0.1, 0.5]; the last are kept anyway.")]
    public IReadOnlyList<double> KeepSnapshots { get; init; } = [];

    /// <summary>Check interval.</summary>
    [Describe("Steps between checks of a GAN's samples for collapse (recall and coverage of real images, into log.jsonl), and one at the end; 0 for none.")]
    [Range(0, int.MaxValue)]
    public int CheckEverySteps { get; init; } = 500;

    /// <summary>Warm-up of the checks.</summary>
    [Describe("Share of the training before the first check: early samples resemble nothing.")]
    [Range(0.0, 1.0)]
    public double CheckFrom { get; init; } = 0.2;

    /// <summary>Least recall.</summary>
    [Describe("Training stops after two checks in a row with a recall below this, if it was 10 times as high before or coverage is below 5 times this; or with a coverage below this.")]
    [Range(0.0, 0.1)]
    public double MinRecall { get; init; } = 0.02;

    /// <summary>The steps after which weights are kept, beside the last.</summary>
    internal IEnumerable<long> SnapshotSteps => KeepSnapshots.Select(share => Math.Clamp((long)Math.Round(share * Steps), 1, Steps)).Distinct().Order();
}
