using System.ComponentModel.DataAnnotations;


namespace Sio.Tests.Recipes;

public enum SampleOrder
{
    Paper,
    Continuous,
    WalkOn,
}

[Describe("A training run.\nIn two lines.")]
public sealed record SampleRecipe
{
    [Describe("Random seed.")]
    [Range(0, int.MaxValue)]
    public int Seed { get; init; } = 1;

    [Describe("Number of passes over the real images.")]
    [Range(1, 1000)]
    public int Epochs { get; init; } = 10;

    [Describe("Share of real images in each batch.")]
    [Range(0.0, 1.0)]
    public double RealRatio { get; init; } = 0.8;

    [Describe("How real images are walked through.")]
    public SampleOrder Order { get; init; }

    public string? Note { get; init; }

    public SampleOptimizer Optimizer { get; init; } = new() { LearningRate = 0.05 };

    public IReadOnlyList<string> Detectors { get; init; } = ["msp", "ebo"];

    public IReadOnlyList<SampleArm> Arms { get; init; } = [];

    public IReadOnlyDictionary<string, Dictionary<string, object?>> Settings { get; init; } =
        new Dictionary<string, Dictionary<string, object?>>();

    public int[][] Stages { get; init; } = [[16, 2], [32, 2]];

    public string Computed => "not a key";
}

public sealed record SampleOptimizer
{
    public double LearningRate { get; init; } = 0.1;

    public double WeightDecay { get; init; } = 5e-4;

    public bool Nesterov { get; init; } = true;

    [Range(0f, 1f, MaximumIsExclusive = true)]
    public float Momentum { get; init; } = 0.9f;

    public double? ClipNorm { get; init; }

    public long? Steps { get; init; }
}

public sealed record SampleArm
{
    [Describe("Names the arm in the table.")]
    public required string Name { get; init; }

    public double? Ratio { get; init; }

    public SampleOptimizer? Optimizer { get; init; }
}

public sealed record SampleGuarded
{
    private readonly string name = "a";

    public string Name
    {
        get => name;
        init => name = value.Length > 0 ? value : throw new ArgumentException("a name has letters");
    }
}

public sealed record SampleUnsupported
{
    public DateTime When { get; init; }
}
