using System.ComponentModel.DataAnnotations;
using Sio.Generation;
using Sio.Generation.Diffusion;
using Sio.Generation.Gan;

namespace Sio.Experiments;

/// <summary>Everything that makes a generator's run: written beside its results in resolved form, every default visible.</summary>
public sealed record GeneratorRecipe
{
    /// <summary>What the run is called.</summary>
    [Describe("What the run is called; its folder is runs/<name>/seed<seed> unless --out says otherwise.")]
    public string Name { get; init; } = "generator";

    /// <summary>The family.</summary>
    [Describe("The family of generators: gan, for CPUs, or diffusion, for GPUs.")]
    public string Model { get; init; } = "gan";

    /// <summary>The benchmark's name.</summary>
    [Describe("The benchmark whose ID training images are learnt, e.g. fashion_mnist_6_4; files for data.train alone.")]
    public string Benchmark { get; init; } = "fashion_mnist_6_4";

    /// <summary>Which images.</summary>
    [Describe("Which images, and from where; only the keys that concern training images matter here.")]
    public DataRecipe Data { get; init; } = new();

    /// <summary>Seed.</summary>
    [Describe("Seed of initial weights, data order and all noise.")]
    [Range(0, int.MaxValue)]
    public int Seed { get; init; }

    /// <summary>Threads.</summary>
    [Describe("Threads within one operator, 0 for one per processor; results are bit-identical at one and the same count.")]
    [Range(0, 1024)]
    public int Threads { get; init; }

    /// <summary>Device.</summary>
    [Describe("Where to compute: cpu, cuda or cuda:N.")]
    public string Device { get; init; } = "cpu";

    /// <summary>What all families share.</summary>
    [Describe("The training loop.")]
    public GenerationPlan Training { get; init; } = new();

    /// <summary>For gan.</summary>
    [Describe("Settings of the family gan.")]
    public GanSettings Gan { get; init; } = new();

    /// <summary>For diffusion.</summary>
    [Describe("Settings of the family diffusion.")]
    public DiffusionSettings Diffusion { get; init; } = new();

    /// <summary>What the trainer needs of it.</summary>
    internal GeneratorSettings Settings => new() { Model = Model, Plan = Training, Gan = Gan, Diffusion = Diffusion };
}
