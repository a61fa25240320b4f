using Sio.Data;
using Sio.Optim;
using Sio.Training.Objectives;

namespace Sio.Training;

/// <summary>How a classifier is trained; every number that shapes the result is here.</summary>
public sealed record TrainingPlan
{
    /// <summary>Times that ⌈N_real / batch⌉ batches are taken; at least 1.</summary>
    public required int Epochs { get; init; }

    /// <summary>Images per batch, real and synthetic together.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Share of real images in a batch, 0 to 1; 1 trains without synthetic images.</summary>
    public required double RealRatio { get; init; }

    /// <summary>How the sources are walked through.</summary>
    public SamplingOrder Order { get; init; } = SamplingOrder.Paper;

    /// <summary>The real ratio of the last epoch, 0 to 1; null for <see cref="RealRatio"/> in all epochs.</summary>
    public double? FinalRealRatio { get; init; }

    /// <summary>The way from <see cref="RealRatio"/> to <see cref="FinalRealRatio"/>.</summary>
    public RatioShape RatioShape { get; init; } = RatioShape.Linear;

    /// <summary>Weight w of the synthetic images' mean loss, 1 − w of the real ones', 0 to 1; null leaves both their share of the batch, as in the paper.</summary>
    public double? SyntheticLossWeight { get; init; }

    /// <summary>Label smoothing of synthetic images; null for <see cref="LabelSmoothing"/>.</summary>
    public double? SyntheticLabelSmoothing { get; init; }

    /// <summary>Whether batch norm sees real and synthetic images apart.</summary>
    public bool SeparateBatchNorm { get; init; }

    /// <summary>A safetensors file of weights that the network starts from; null for random ones.</summary>
    public string? Init { get; init; }

    /// <summary>Seed of initial weights, sampling and augmentation.</summary>
    public required int Seed { get; init; }

    /// <summary>The learning rate that the schedule starts from, or, with one cycle, rises to.</summary>
    public required double LearningRate { get; init; }

    /// <summary>How the learning rate goes.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    /// <summary>Epochs over which the learning rate rises linearly, as a factor on the schedule; 0 for none.</summary>
    public double WarmUpEpochs { get; init; }

    /// <summary>Schedule <see cref="ScheduleKind.Step"/>: epochs after which the rate is multiplied by <see cref="Gamma"/>.</summary>
    public IReadOnlyList<int> Milestones { get; init; } = [];

    /// <summary>Schedule <see cref="ScheduleKind.Step"/>: the factor.</summary>
    public double Gamma { get; init; } = 0.1;

    /// <summary>Schedule <see cref="ScheduleKind.OneCycle"/>: share of the steps in which the rate rises.</summary>
    public double CycleRise { get; init; } = 0.3;

    /// <summary>Schedule <see cref="ScheduleKind.OneCycle"/>: the peak over the first rate.</summary>
    public double CycleInitialDivisor { get; init; } = 25;

    /// <summary>Schedule <see cref="ScheduleKind.OneCycle"/>: the first rate over the last.</summary>
    public double CycleFinalDivisor { get; init; } = 1e4;

    /// <summary>Schedule <see cref="ScheduleKind.OneCycle"/>: how it rises and falls.</summary>
    public CycleShape CycleShape { get; init; } = CycleShape.Cosine;

    /// <summary>Where the cosine schedule ends.</summary>
    public double FinalLearningRate { get; init; } = 1e-6;

    /// <summary>SGD's momentum.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Whether the momentum is Nesterov's.</summary>
    public bool Nesterov { get; init; } = true;

    /// <summary>L2 penalty.</summary>
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>Whether <see cref="WeightDecay"/> is the share that is taken off a weight at the schedule's base rate, whatever that rate is, and not a factor on it. It goes through the momentum as the gradient does.</summary>
    public bool DecoupledWeightDecay { get; init; }

    /// <summary>Factor on the learning rate of batch norm's shifts.</summary>
    public double NormBiasRate { get; init; } = 1;

    /// <summary>Steps between Lookahead's; 0 for none.</summary>
    public int LookaheadEvery { get; init; }

    /// <summary>Lookahead's decay per step.</summary>
    public double LookaheadDecay { get; init; } = 0.95;

    /// <summary>The largest norm of all gradients together; null for no limit.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>Decay of the moving average of the weights, in [0, 1); null for none.</summary>
    public double? EmaDecay { get; init; }

    /// <summary>What the network is computed in.</summary>
    public TrainingPrecision Precision { get; init; } = TrainingPrecision.Float32;

    /// <summary>How images and convolutions' weights lie in memory.</summary>
    public ImageLayout MemoryFormat { get; init; } = ImageLayout.Contiguous;

    /// <summary>Whether batch norm's parameters and all biases decay too, as the peers have it.</summary>
    public bool DecayNormAndBias { get; init; } = true;

    /// <summary>Weight of the new batch in batch norm's running statistics.</summary>
    public double BatchNormMomentum { get; init; } = 0.1;

    /// <summary>Added to batch norm's variance.</summary>
    public double BatchNormEps { get; init; } = 1e-5;

    /// <summary>The training method.</summary>
    public ObjectiveChoice Objective { get; init; } = ObjectiveChoice.CrossEntropy;

    /// <summary>Share of the target spread over all classes.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Black pixels around an image from which the random crop is taken.</summary>
    public int Padding { get; init; }

    /// <summary>Whether a random part of each image is resized to the images' size, with torchvision's rules and aspects.</summary>
    public bool RandomResizedCrop { get; init; }

    /// <summary>With <see cref="RandomResizedCrop"/>: the smallest part, as a share of the image's area, in (0, 1].</summary>
    public double CropMinArea { get; init; } = 0.08;

    /// <summary>Whether images are mirrored with probability ½.</summary>
    public bool Flip { get; init; }

    /// <summary>Whether an image that is mirrored in one epoch is not in the next, and the other way round, instead of by chance.</summary>
    public bool AlternatingFlip { get; init; }

    /// <summary>Normalisation.</summary>
    public required Normalization Normalization { get; init; }
}
