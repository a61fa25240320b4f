namespace Sio.Fuzz.Running;

/// <summary>How much of what is tried.</summary>
internal sealed record RunOptions
{
    /// <summary>Decides the inputs.</summary>
    internal long Seed { get; init; }

    /// <summary>The number of the first input.</summary>
    internal long First { get; init; }

    /// <summary>How many inputs.</summary>
    internal long Inputs { get; init; } = 1000;

    /// <summary>After so long no further input is begun.</summary>
    internal TimeSpan? Time { get; init; }

    internal Limits Limits { get; init; } = new();

    /// <summary>Where findings are written to; null for nowhere.</summary>
    internal string? Output { get; init; }
}
