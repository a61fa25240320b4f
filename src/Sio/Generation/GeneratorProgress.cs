namespace Sio.Generation;

/// <summary>What a generator's trainer tells while it works.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="TotalSteps">Steps in all.</param>
/// <param name="Measures">Means since the last line of the log, by name; not to be kept.</param>
/// <param name="ImagesPerSecond">Real images per second since this call of the trainer began.</param>
/// <param name="Remaining">Time left at that speed.</param>
/// <param name="Logged">Whether this step gave a line of the log.</param>
public readonly record struct GeneratorProgress(
    long Step, long TotalSteps, IReadOnlyList<(string Name, double Mean)> Measures, double ImagesPerSecond, TimeSpan Remaining, bool Logged);
