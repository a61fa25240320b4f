using System.ComponentModel.DataAnnotations;
using Sio.Optim;
using Sio.Training;

namespace Sio.Experiments;

/// <summary>The training loop.</summary>
public sealed record TrainingRecipe
{
    /// <summary>Epochs.</summary>
    [Describe("An epoch has ceil(real images / batch_size) batches, with or without synthetic images.")]
    [Range(1, 1_000_000)]
    public int Epochs { get; init; } = 200;

    /// <summary>Batch size.</summary>
    [Describe("Images per batch, real and synthetic together.")]
    [Range(1, 1_000_000)]
    public int BatchSize { get; init; } = 128;

    /// <summary>Learning rate.</summary>
    [Describe("Learning rate of SGD: the first one, or the highest with schedule one_cycle.")]
    [Range(0.0, 1000.0)]
    public double LearningRate { get; init; } = 0.1;

    /// <summary>Schedule.</summary>
    [Describe("How the learning rate goes, batch by batch: cosine, step (times gamma at each of milestones), one_cycle (up and down again), or constant.")]
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    /// <summary>Final learning rate.</summary>
    [Describe("Where the cosine schedule ends.")]
    [Range(0.0, 1000.0)]
    public double FinalLearningRate { get; init; } = 1e-6;

    /// <summary>Warm-up.</summary>
    [Describe("Epochs, or a part of one, in which the learning rate rises linearly from near 0, as a factor on the schedule; 0 for none.")]
    [Range(0.0, 1_000_000.0)]
    public double WarmUpEpochs { get; init; }

    /// <summary>Milestones.</summary>
    [Describe("Schedule step: the epochs after which the learning rate changes, in ascending order, e.g. [100, 150].")]
    [Range(1, 1_000_000)]
    public IReadOnlyList<int> Milestones { get; init; } = [];

    /// <summary>Gamma.</summary>
    [Describe("Schedule step: the factor at each milestone.")]
    [Range(1e-9, 1e9)]
    public double Gamma { get; init; } = 0.1;

    /// <summary>Rise.</summary>
    [Describe("Schedule one_cycle: share of the steps in which the learning rate rises.")]
    [Range(0.0, 1.0)]
    public double CycleRise { get; init; } = 0.3;

    /// <summary>Initial divisor.</summary>
    [Describe("Schedule one_cycle: it begins with learning_rate divided by this.")]
    [Range(1e-9, 1e9)]
    public double CycleInitialDivisor { get; init; } = 25;

    /// <summary>Final divisor.</summary>
    [Describe("Schedule one_cycle: it ends with the first learning rate divided by this.")]
    [Range(1e-9, 1e9)]
    public double CycleFinalDivisor { get; init; } = 1e4;

    /// <summary>Shape.</summary>
    [Describe("Schedule one_cycle: up and down along a cosine, or in straight lines (linear).")]
    public CycleShape CycleShape { get; init; } = CycleShape.Cosine;

    /// <summary>Momentum.</summary>
    [Describe("Momentum of SGD.")]
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Momentum { get; init; } = 0.9;

    /// <summary>Nesterov.</summary>
    [Describe("Whether the momentum is Nesterov's.")]
    public bool Nesterov { get; init; } = true;

    /// <summary>Weight decay.</summary>
    [Describe("L2 penalty, added to the gradient.")]
    [Range(0.0, 1000.0)]
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>Weight decay on batch norm and biases.</summary>
    [Describe("Whether batch norm's scales and shifts and all biases decay too, as with the peers.")]
    public bool DecayNormAndBias { get; init; } = true;

    /// <summary>Decoupled weight decay.</summary>
    [Describe("Whether weight_decay is the share of a weight that is taken off it at learning_rate (less as the schedule lowers it), whatever that rate is, and not a factor on the rate. It goes through the momentum as the gradient does.")]
    public bool DecoupledWeightDecay { get; init; }

    /// <summary>Rate of batch norm's shifts.</summary>
    [Describe("Factor on the learning rate of batch norm's shifts.")]
    [Range(1e-6, 1e6)]
    public double NormBiasRate { get; init; } = 1;

    /// <summary>Lookahead.</summary>
    [Describe("Steps after which Lookahead draws the weights towards its slow ones, e.g. 5; 0 for none.")]
    [Range(0, 1_000_000)]
    public int LookaheadEvery { get; init; }

    /// <summary>Lookahead's decay.</summary>
    [Describe("Lookahead: at the end of training the slow weights keep this share of themselves per step; at first they keep nothing.")]
    [Range(0.0, 1.0)]
    public double LookaheadDecay { get; init; } = 0.95;

    /// <summary>Gradient clipping.</summary>
    [Describe("The largest norm of all gradients together: longer ones are shortened to it; empty for no limit.")]
    [Range(1e-9, 1e9)]
    public double? ClipNorm { get; init; }

    /// <summary>Moving average.</summary>
    [Describe("Decay per step of a moving average of the weights, e.g. 0.999, which is then what is validated, saved and evaluated; empty for none.")]
    [Range(0.0, 0.999999999)]
    public double? EmaDecay { get; init; }

    /// <summary>Precision.</summary>
    [Describe("What the network's convolutions and products are computed in: float32, bfloat16, or (on a GPU, with loss scaling) float16. Logits, losses and weights stay float32.")]
    public TrainingPrecision Precision { get; init; } = TrainingPrecision.Float32;

    /// <summary>Memory format.</summary>
    [Describe("How images and convolutions' weights lie in memory: contiguous (NCHW), or channels_last (NHWC). Left open: channels_last on CPUs with AVX-512, where it was measured to be faster, else contiguous.")]
    public ImageLayout? MemoryFormat { get; init; }

    /// <summary>Label smoothing.</summary>
    [Describe("Share of the target spread over all classes.")]
    [Range(0.0, 1.0)]
    public double LabelSmoothing { get; init; }

    /// <summary>Crop padding.</summary>
    [Describe("Black pixels around the image from which a random crop is taken; 0 for none. Without effect with random_resized_crop.")]
    [Range(0, 1000)]
    public int Padding { get; init; } = 4;

    /// <summary>Random resized crop.</summary>
    [Describe("In place of padding: cut a random part out of each image, crop_min_area to all of its area and 3/4 to 4/3 as wide as high, and resize it, as torchvision's RandomResizedCrop. Off by default, as for CIFAR; SIO's ImageNet script and OpenOOD's ImageNet training have it on. Of sets too large for memory the part comes from the original file, else from the image at the size it is kept in.")]
    public bool RandomResizedCrop { get; init; }

    /// <summary>Smallest area.</summary>
    [Describe("With random_resized_crop: the smallest part, as a share of the image's area; 0.08 in SIO's and OpenOOD's ImageNet training, torchvision's default.")]
    [Range(0.000001, 1.0)]
    public double CropMinArea { get; init; } = 0.08;

    /// <summary>Flip.</summary>
    [Describe("Mirror images with probability 1/2.")]
    public bool Flip { get; init; } = true;

    /// <summary>Alternating flip.</summary>
    [Describe("With flip: an image that is mirrored in one epoch is not in the next, and the other way round, instead of by chance.")]
    public bool AlternatingFlip { get; init; }

    /// <summary>Mean.</summary>
    [Describe("Normalisation (x/255 - mean)/std per channel, in training and evaluation; empty for the benchmark's.")]
    public float[]? Mean { get; init; }

    /// <summary>Standard deviation.</summary>
    [Describe("See mean.")]
    public float[]? Std { get; init; }

    /// <summary>Validation interval.</summary>
    [Describe("Epochs between measurements of the accuracy on the ID validation images, where there are some; the best epoch's weights are kept beside the last. 0 for none.")]
    [Range(0, 1_000_000)]
    public int ValidateEveryEpochs { get; init; } = 1;

    /// <summary>Log interval.</summary>
    [Describe("Steps between lines of log.jsonl, beside one per epoch; 0 for none.")]
    [Range(0, 1_000_000_000)]
    public int LogEverySteps { get; init; } = 50;

    /// <summary>TensorBoard.</summary>
    [Describe("Whether the log is also written as events for TensorBoard, to tensorboard/ in the run's folder.")]
    public bool Tensorboard { get; init; }

    /// <summary>Checkpoint interval.</summary>
    [Describe("Steps between checkpoints within an epoch; each epoch's end has one anyway.")]
    [Range(1, int.MaxValue)]
    public int CheckpointEverySteps { get; init; } = 200;
}
