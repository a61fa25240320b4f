using Sio.Generation.Diffusion;
using Sio.Generation.Gan;

namespace Sio.Generation;

/// <summary>Which generator is trained, and how. A family has a record of its own here, under its name.</summary>
public sealed record GeneratorSettings
{
    /// <summary>Catalog name of the family.</summary>
    public required string Model { get; init; }

    /// <summary>What all families share.</summary>
    public GenerationPlan Plan { get; init; } = new();

    /// <summary>For <c>gan</c>.</summary>
    public GanSettings Gan { get; init; } = new();

    /// <summary>For <c>diffusion</c>.</summary>
    public DiffusionSettings Diffusion { get; init; } = new();
}
