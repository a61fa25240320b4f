using Sio.Detection;
using Sio.Training;

namespace Sio.Experiments;

/// <summary>What an evaluation of a run does otherwise than the run's recipe says.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Names, or <see cref="DetectorRoster.All"/> for all that can run; the recipe's when null.</summary>
    public IReadOnlyList<string>? Detectors { get; init; }

    /// <summary>Hyper-parameters <c>detector.key=value</c>, beside the recipe's and before them in rank.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>
    /// Folders of further runs on the same benchmark, whose networks join in where a detector needs several. Accuracy and predictions stay the run's own.
    /// </summary>
    public IReadOnlyList<string> Ensemble { get; init; } = [];

    /// <summary>Which of the run's weights; those of an ensemble's further runs are always their last.</summary>
    public CheckpointChoice Checkpoint { get; init; } = CheckpointChoice.Last;

    /// <summary>Where scores go; the run's folder when null.</summary>
    public string? Output { get; init; }
}
