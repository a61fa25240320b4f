namespace Sio.Training.Objectives;

/// <summary>Which training method, with which hyper-parameters.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Settings">Hyper-parameters as text; those left out have their defaults.</param>
public sealed record ObjectiveChoice(string Name, IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>Plain cross-entropy.</summary>
    public static ObjectiveChoice CrossEntropy { get; } = new("cross_entropy", new Dictionary<string, string>());
}
