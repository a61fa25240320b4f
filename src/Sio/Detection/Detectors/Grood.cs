using System.ComponentModel.DataAnnotations;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection.Detectors;

/// <summary>What stands for out-of-distribution images in <see cref="Grood"/>.</summary>
public enum OodPrototype
{
    /// <summary>The mean of the class prototypes: features are enough.</summary>
    Mean,

    /// <summary>The mean feature of blurred noise images: the training bank's network must be at hand.</summary>
    Noise,
}

/// <summary>
/// Minus the squared distance to the k-th nearest training gradient, g = ∂L/∂p_o: L the cross-entropy of the logits −‖f − p_c‖ of all class prototypes p_c, their mean features,
/// and of one prototype p_o for out-of-distribution images. Since the target is one of the classes, and whichever it is,
/// g = π_o · (f − p_o)/‖f − p_o‖ with π the softmax of the logits and π_o that of p_o. The training gradients are those of correctly classified images.
/// ElAraby, Sahoo, Pequignot, Novello and Paull 2025, "GROOD: GRadient-Aware Out-of-Distribution Detection", nearest-class-prototype loss and gradient space; the square is
/// the authors' code's and does not change the order of scores.
/// </summary>
/// <remarks>
/// p_o: the authors' code has four kinds. Two are here: the mean of the class prototypes, and the mean feature of noise images, uniform from 0 to 1 as
/// the network's normalised input and blurred by a Gaussian (5 × 7 pixels, standard deviation drawn from 0.2 to 5 for each hundred), of which the tenth with the least
/// energy log Σ_c e^(z_c) is taken. Not here are out-of-distribution validation images, the default in OpenOOD 1.5, which no detector is fitted on here, and mixed feature maps
/// of an early layer. Nearest neighbours are exact, where that code looks into 4 cells of an index; there k changes nothing. A class without training images has no
/// prototype.
/// </remarks>
[CatalogEntry("grood", "distance to training gradients with respect to an out-of-distribution prototype", Paper = "ElAraby et al. 2025")]
public sealed class Grood : Detector
{
    private const int NoiseBlock = 100;
    private const int NoiseShare = 10;
    private const int BlurWidth = 5;
    private const int BlurHeight = 7;
    private const double LeastBlur = 0.2;
    private const double MostBlur = 5;

    // So small that no distance is meant by it.
    private const double Nothing = 1e-12;

    private const string Prototypes = "prototypes";
    private const string Bank = "bank";
    private const string Offsets = "offsets";

    /// <summary>What p_o is.</summary>
    [Describe("What stands for out-of-distribution images: mean is the mean of the class prototypes, noise the mean feature of blurred noise images, for which the network is needed.")]
    public OodPrototype Prototype { get; init; }

    /// <summary>k, at least 1 and at most the number of correctly classified training images.</summary>
    [Describe("Which neighbour's distance is the score; at most the number of correctly classified training images.")]
    [Grid(1, 10, 20, 50, 100)]
    public int K { get; init; } = 1;

    /// <summary>Number of noise images, at least 1.</summary>
    [Describe("How many noise images are made, of which a tenth is taken.")]
    [Range(1, 1_000_000)]
    public int NoiseImages { get; init; } = 100;

    /// <summary>Seed of the noise images.</summary>
    [Describe("Seed of the noise images.")]
    [Range(0, int.MaxValue)]
    public int Seed { get; init; }

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Features | DetectorNeeds.TrainingSet;

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (NoiseImages < 1 || Seed < 0)
            throw Refuse($"noise_images = {NoiseImages} must be at least 1, seed = {Seed} at least 0");
        var train = fit.Train!;
        FeatureBlocks.RefuseEmpty(train);
        var classes = ClassMeans(train, fit.HeadWeight.size(0));
        var ood = Prototype == OodPrototype.Mean ? classes.mean([0]) : NoiseMean(train);
        State.Keep(Prototypes, torch.cat([classes, ood.unsqueeze(0)]));

        var predicted = train.Predictions();
        long[] correct = [.. Enumerable.Range(0, train.Count).Where(i => predicted[i] == train.Labels[i]).Select(i => (long)i)];
        if (K < 1 || K > correct.Length)
            throw Refuse($"k = {K} needs at least {K} correctly classified images to fit on and must be positive; {train.Name} has {correct.Length}");
        var bank = State.Keep(Bank, torch.empty([correct.Length, train.Features.size(1)]));
        RowBlocks.ForEach(correct.Length, (start, rows) =>
        {
            var features = train.Features.index_select(0, torch.tensor(correct[start..(start + rows)]));
            bank.narrow(0, start, rows).copy_(Gradients(features.to(ScalarType.Float64)));
        });
        State.Keep(Offsets, bank.square().sum(1) * -0.5);
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        var scores = new float[bank.Count];
        for (var start = 0; start < scores.Length; start += LargestProducts.QueryBlock)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(LargestProducts.QueryBlock, scores.Length - start);
            var query = Gradients(bank.Features.Rows(start, count)).to(ScalarType.Float32);
            var best = LargestProducts.Of(query, State.Tensor(Bank), State.Tensor(Offsets), K);
            var squares = query.square().sum(1).AsSpan<float>();
            for (var i = 0; i < count; i++)
                scores[start + i] = -Math.Max(0, squares[i] - (2 * best[i * K]));
        }

        return scores;
    }

    // g of features [n,D]: [n,D] float64.
    private Tensor Gradients(Tensor features)
    {
        var prototypes = State.Tensor(Prototypes);
        var last = prototypes.size(0) - 1;
        // 1: by matrix products however few rows there are, so that an image alone scores as among others.
        var logits = torch.cdist(features, prototypes, 2, compute_mode.use_mm_for_euclid_dist).neg();
        var probability = logits.softmax(1).narrow(1, last, 1);
        var away = features - prototypes.narrow(0, last, 1);
        return away * (probability / linalg.vector_norm(away, dims: [1], keepdim: true).clamp(min: Nothing));
    }

    // Means of the classes that have images, [C',D] float64.
    private Tensor ClassMeans(FeatureBank bank, long classes)
    {
        var bad = Array.FindIndex(bank.Labels, label => label < 0 || label >= classes);
        if (bad >= 0)
            throw Refuse($"image {bad} of {bank.Name} has the label {bank.Labels[bad]}, not one of the {classes} classes");
        var labels = torch.tensor(Array.ConvertAll(bank.Labels, label => (long)label));
        var sums = torch.zeros([classes, bank.Features.size(1)], dtype: ScalarType.Float64);
        RowBlocks.ForEach(bank.Count, (start, rows) => sums.index_add_(0, labels.narrow(0, start, rows), bank.Features.Rows(start, rows), 1));
        var counts = nn.functional.one_hot(labels, classes).sum(dim: 0).to(ScalarType.Float64);
        long[] present = [.. bank.Labels.Distinct().Order().Select(label => (long)label)];
        return (sums / counts.clamp(min: 1).unsqueeze(1)).index_select(0, torch.tensor(present));
    }

    private Tensor NoiseMean(FeatureBank train)
    {
        if (train.Images is not { Model: var model, Batches: var batches })
            throw Refuse($"needs the images and the network for prototype=noise, {train.Name} has only features");
        var (channels, height, width) = Shape(batches());
        if (height <= BlurHeight / 2 || width <= BlurWidth / 2)
            throw Refuse($"noise images of {height}×{width} are too small to be blurred");
        using var generator = new Generator((ulong)Seed);
        var (sum, taken) = (torch.zeros([train.Features.size(1)], dtype: ScalarType.Float64), 0L);
        for (var start = 0; start < NoiseImages; start += NoiseBlock)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(NoiseBlock, NoiseImages - start);
            var noise = torch.rand([count, channels, height, width], generator: generator);
            var blur = LeastBlur + (torch.rand([1], dtype: ScalarType.Float64, generator: generator).ToDouble() * (MostBlur - LeastBlur));
            var (logits, features) = model.Forward(Blurred(noise, blur));
            var least = logits.logsumexp(1).topk(Math.Max(1, count / NoiseShare), dim: 0, largest: false).indexes;
            sum.add_(features.index_select(0, least).cpu().to(ScalarType.Float64).sum(dim: 0));
            taken += least.size(0);
        }

        return sum / taken;
    }

    private static (long Channels, long Height, long Width) Shape(IEnumerable<Tensor> batches)
    {
        using var first = batches.First();
        return (first.size(1), first.size(2), first.size(3));
    }

    private static Tensor Blurred(Tensor images, double deviation)
    {
        var kernel = Bell(BlurHeight).unsqueeze(1).matmul(Bell(BlurWidth).unsqueeze(0)).to(ScalarType.Float32);
        var padded = nn.functional.pad(images, [BlurWidth / 2, BlurWidth / 2, BlurHeight / 2, BlurHeight / 2], PaddingModes.Reflect);
        return nn.functional.conv2d(padded, kernel.expand(images.size(1), 1, BlurHeight, BlurWidth).contiguous(), groups: images.size(1));

        Tensor Bell(int size)
        {
            var values = Enumerable.Range(0, size).Select(i => Math.Exp(-0.5 * Math.Pow((i - ((size - 1) / 2.0)) / deviation, 2))).ToArray();
            return torch.tensor(Array.ConvertAll(values, value => value / values.Sum()));
        }
    }
}
