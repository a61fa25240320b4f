using Sio.Detection;
using Sio.Evaluation.Benchmarks;

namespace Sio.Experiments;

/// <summary>How a bank is scored.</summary>
public sealed record ScoreOptions
{
    /// <summary>Names, or <see cref="DetectorRoster.All"/> for all that the bank supports.</summary>
    public IReadOnlyList<string> Detectors { get; init; } = [DetectorRoster.All];

    /// <summary>Hyper-parameters <c>detector.key=value</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Banks of further networks with the same images, which join in where a detector needs several; only their logits and labels are read.</summary>
    public IReadOnlyList<BankFolder> Ensemble { get; init; } = [];

    /// <summary>Choose hyper-parameters that the settings leave open by the sets <c>val</c> and <c>val_ood</c>.</summary>
    public bool Tune { get; init; }

    /// <summary>Which OOD sets are near and which far.</summary>
    public OodGroups Groups { get; init; } = OodGroups.None;
}
