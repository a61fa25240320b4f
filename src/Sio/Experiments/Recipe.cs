using Sio.Detection;
using System.ComponentModel.DataAnnotations;
using Sio.Data;
using Sio.Training.Objectives;

namespace Sio.Experiments;

/// <summary>Everything that makes a run: written beside its results in resolved form, every default visible.</summary>
public sealed record Recipe
{
    /// <summary>What the run is called.</summary>
    [Describe("What the run is called; its folder is runs/<name>/seed<seed> unless --out says otherwise.")]
    public string Name { get; init; } = "run";

    /// <summary>The benchmark's name.</summary>
    [Describe("Which sets are ID, near-OOD and far-OOD: a name that 'sio data benchmarks' lists, files for sets named under data, or the path of a benchmark file (.yml).")]
    public string Benchmark { get; init; } = "fashion_mnist_6_4";

    /// <summary>Which images.</summary>
    [Describe("Which images, and from where; relative paths, here and below, start at the folder that sio is called in.")]
    public DataRecipe Data { get; init; } = new();

    /// <summary>Synthetic images.</summary>
    [Describe("SIO: synthetic in-distribution images beside the real ones.")]
    public SyntheticRecipe Synthetic { get; init; } = new();

    /// <summary>The training method.</summary>
    [Describe("The training method.")]
    public ObjectiveRecipe Objective { get; init; } = new();

    /// <summary>The network.</summary>
    [Describe("The classifier.")]
    public NetworkRecipe Network { get; init; } = new();

    /// <summary>Seed.</summary>
    [Describe("Seed of initial weights, sampling and augmentation.")]
    [Range(0, int.MaxValue)]
    public int Seed { get; init; }

    /// <summary>Threads.</summary>
    [Describe("Threads within one operator, 0 for one per processor; results on a CPU are bit-identical at one and the same count.")]
    [Range(0, 1024)]
    public int Threads { get; init; }

    /// <summary>Device.</summary>
    [Describe("Where to compute: cpu, cuda or cuda:N.")]
    public string Device { get; init; } = "cpu";

    /// <summary>How to train.</summary>
    [Describe("The training loop.")]
    public TrainingRecipe Training { get; init; } = new();

    /// <summary>How to evaluate.</summary>
    [Describe("What is measured afterwards, always in evaluation mode and without augmentation.")]
    public EvaluationRecipe Evaluation { get; init; } = new();
}

/// <summary>Which images.</summary>
public sealed record DataRecipe
{
    /// <summary>Folder.</summary>
    [Describe("Folder of the data: the ID set's own, or one with a folder for each set, or OpenOOD's; OOD sets are looked for in the data store too. Empty for the data store alone.")]
    public string? Folder { get; init; }

    /// <summary>Training images.</summary>
    [Describe("Real training images to take, evenly over the classes; empty for all.")]
    [Range(1, int.MaxValue)]
    public int? TrainImages { get; init; }

    /// <summary>Validation images.</summary>
    [Describe("ID validation images for detectors that fit on such: at most so many, evenly over the classes, of the training images that train_images leaves; 0 for none.")]
    [Range(0, int.MaxValue)]
    public int ValidationImages { get; init; } = 1000;

    /// <summary>Test images.</summary>
    [Describe("ID test images to take, evenly over the classes; empty for all.")]
    [Range(1, int.MaxValue)]
    public int? TestImages { get; init; }

    /// <summary>Subset seed.</summary>
    [Describe("Seed of those choices and of the made-up OOD images; not the run's seed, so that all runs see the same images.")]
    [Range(0, int.MaxValue)]
    public int SubsetSeed { get; init; }

    /// <summary>Noise images.</summary>
    [Describe("Images per made-up far-OOD set.")]
    [Range(1, 1_000_000)]
    public int NoiseImages { get; init; } = 1000;

    /// <summary>MNIST folder.</summary>
    [Describe("Folder with MNIST's IDX files, for benchmarks with MNIST as a far-OOD set; fashion_mnist_6_4 has it only where this names it.")]
    public string? Mnist { get; init; }

    /// <summary>Split of the classes.</summary>
    [Describe("Open-set benchmarks: which split of the classes into known and held-out ones; OpenOOD's are 1 to 5.")]
    [Range(0, int.MaxValue)]
    public int Split { get; init; } = 1;

    /// <summary>Own training images.</summary>
    [Describe("Benchmark 'files': ID training images, an .npz, a folder with images.npy and labels.npy, or a folder of images per class.")]
    public string? Train { get; init; }

    /// <summary>Own validation images.</summary>
    [Describe("Benchmark 'files': ID validation images, for detectors that fit on such; not trained on, not tested with.")]
    public string? Validation { get; init; }

    /// <summary>OOD validation images.</summary>
    [Describe("OOD images to choose hyper-parameters with (evaluation.tune), none of a test set: an .npz or a folder with images.npy; empty to make them of the ID validation images.")]
    public string? ValidationOod { get; init; }

    /// <summary>Own test images.</summary>
    [Describe("Benchmark 'files': ID test images.")]
    public string? Test { get; init; }

    /// <summary>Own near-OOD sets.</summary>
    [Describe("Near-OOD sets beside the benchmark's own, name: path or source (set:svhn/test).")]
    public Dictionary<string, string> Near { get; init; } = [];

    /// <summary>Own far-OOD sets.</summary>
    [Describe("Far-OOD sets beside the benchmark's own, likewise.")]
    public Dictionary<string, string> Far { get; init; } = [];

    /// <summary>Own covariate-shifted ID sets.</summary>
    [Describe("Images of the known classes under covariate shift beside the benchmark's own, name: path, with labels; they count as ID in full-spectrum results.")]
    public Dictionary<string, string> ShiftedId { get; init; } = [];

    /// <summary>Severity of corruptions.</summary>
    [Describe("Corrupted copies of the ID test images (Gaussian noise, blur, contrast, brightness) of this severity, 1 to 5, as covariate-shifted ID sets; 0 for none.")]
    [Range(0, Corruptions.MaxSeverity)]
    public int CorruptionSeverity { get; init; }
}

/// <summary>Synthetic images.</summary>
public sealed record SyntheticRecipe
{
    /// <summary>Where they are.</summary>
    [Describe("An .npz, a folder with images.npy and labels.npy, a folder with a folder of image files per class, or shipped:NAME for a set that comes with the program; empty for none.")]
    public string? Path { get; init; }

    /// <summary>Real ratio.</summary>
    [Describe("Share r of real images: floor(batch_size*r) of each batch are real; empty for 0.8 with synthetic images and 1 without.")]
    [Range(0.0, 1.0)]
    public double? RealRatio { get; init; }

    /// <summary>Order.</summary>
    [Describe("Paper: a fresh permutation each epoch, cut off at its end, as SIO's code does; continuous: every image equally often, every batch full.")]
    public SamplingOrder Order { get; init; } = SamplingOrder.Paper;

    /// <summary>Last real ratio.</summary>
    [Describe("Share of real images in the last epoch's batches, where the ratio is to change over the training; the number of batches does not. Empty for real_ratio throughout, as in the paper.")]
    [Range(0.0, 1.0)]
    public double? FinalRealRatio { get; init; }

    /// <summary>Ratio schedule.</summary>
    [Describe("The way from real_ratio to final_real_ratio, epoch by epoch: linear, cosine (slow at both ends), or step (the change comes after half of the epochs).")]
    public RatioShape RatioSchedule { get; init; } = RatioShape.Linear;

    /// <summary>Loss weight.</summary>
    [Describe("Weight w of the synthetic images' mean loss, 1 - w of the real ones', whatever the batch is composed of; empty for the paper's rule, where each source has its share of the batch. A batch of one source has that one's mean.")]
    [Range(0.0, 1.0)]
    public double? LossWeight { get; init; }

    /// <summary>Weights of single images.</summary>
    [Describe("A .npy with a weight for each synthetic image, at least 0, in the set's order; scaled to mean 1. 'sio generate inspect --write-weights' makes some. Empty for all alike.")]
    public string? Weights { get; init; }

    /// <summary>Label smoothing.</summary>
    [Describe("Share of a synthetic image's target that is spread over all classes; empty for training.label_smoothing.")]
    [Range(0.0, 1.0)]
    public double? LabelSmoothing { get; init; }

    /// <summary>Separate batch norm.</summary>
    [Describe("Normalise real and synthetic images apart, each by the statistics of its own kind; auxiliary (outlier) images go with the real ones. Evaluation has the real images' statistics, with methods that take auxiliary images those of both together. Two passes of smaller batches per step.")]
    public bool SeparateBatchNorm { get; init; }
}

/// <summary>The training method.</summary>
public sealed record ObjectiveRecipe
{
    /// <summary>Name.</summary>
    [Describe("Its name; 'sio objectives' lists them.")]
    public string Name { get; init; } = ObjectiveChoice.CrossEntropy.Name;

    /// <summary>Hyper-parameters.</summary>
    [Describe("Its hyper-parameters, name: value; 'sio objectives' lists them with their defaults.")]
    public Dictionary<string, string> Settings { get; init; } = [];

    /// <summary>Auxiliary images.</summary>
    [Describe("Auxiliary (outlier) images, for methods that need some: an .npz, a folder with images.npy, with IDX files under MNIST's names or with pictures, or a source (set:tiny-imagenet/train); they are brought to the training images' size. Empty for none.")]
    public string? Auxiliary { get; init; }

    /// <summary>Whether shared images stop the run.</summary>
    [Describe("Stop where images trained on are in a test set, instead of a warning.")]
    public bool RefuseOverlap { get; init; }
}

/// <summary>The classifier.</summary>
public sealed record NetworkRecipe
{
    /// <summary>Name.</summary>
    [Describe("Its name: lenet, resnet8_28x28, resnet18_32x32, resnet18_224x224, convnet_fast_32x32.")]
    public string Name { get; init; } = "resnet18_32x32";

    /// <summary>Initial weights.</summary>
    [Describe("Start from the weights of a trained run, as fine-tuning does: its folder, or a .safetensors file. Network and classes must be the same; layers that a training method adds begin anew. Empty for random weights.")]
    public string? Init { get; init; }

    /// <summary>Batch-norm momentum.</summary>
    [Describe("Weight of the new batch in batch norm's running statistics (PyTorch's sense).")]
    [Range(0.0, 1.0)]
    public double BatchNormMomentum { get; init; } = 0.1;

    /// <summary>Batch-norm epsilon.</summary>
    [Describe("Added to batch norm's variance.")]
    [Range(0.0, 1.0)]
    public double BatchNormEps { get; init; } = 1e-5;
}

/// <summary>What is measured.</summary>
public sealed record EvaluationRecipe
{
    /// <summary>Detectors.</summary>
    [Describe("Detectors by name; all for every one that can run on what there is.")]
    public IReadOnlyList<string> Detectors { get; init; } = ["all"];

    /// <summary>Settings.</summary>
    [Describe("Hyper-parameters of detectors that differ from their defaults, as in [knn.k=100]; 'sio detectors' lists them.")]
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Tune.</summary>
    [Describe("Choose hyper-parameters that settings leave open from the detectors' grids, by AUROC of ID validation against OOD validation images.")]
    public bool Tune { get; init; }

    /// <summary>Flip averaging.</summary>
    [Describe("Take the mean of features and logits over each image and its mirror image, at the price of twice the forward passes; detectors that run the network themselves see the image alone.")]
    public bool FlipAverage { get; init; }

    /// <summary>Precision.</summary>
    [Describe("Type that features are computed in: float32, or bf16, whose speed depends on the machine (slower than float32 on a CPU without AMX) and which moves scores a little (docs/results/bf16.md). Logits are float32; detectors that run the network themselves use float32.")]
    public EvaluationPrecision Precision { get; init; } = EvaluationPrecision.Float32;

    /// <summary>Batch size.</summary>
    [Describe("Images per forward pass; changes speed and memory, not results.")]
    [Range(1, 1_000_000)]
    public int BatchSize { get; init; } = 256;
}
