using System.ComponentModel.DataAnnotations;
using Sio.Torch;

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

    private static readonly Operator s_distances = new("aten::cdist");
    private static readonly Operator s_indexAdd = new("aten::index_add_");
    private static readonly Operator s_cat = new("aten::cat");
    private static readonly Operator s_reflect = new("aten::reflection_pad2d");

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
        var classes = ClassMeans(train, fit.HeadWeight.Size(0));
        var ood = Prototype == OodPrototype.Mean ? classes.Mean([0]) : NoiseMean(train);
        State.Keep(Prototypes, s_cat.Call(new Tensor?[] { classes, ood.Unsqueeze(0) }, 0));

        var predicted = train.Predictions();
        long[] correct = [.. Enumerable.Range(0, train.Count).Where(i => predicted[i] == train.Labels[i]).Select(i => (long)i)];
        if (K < 1 || K > correct.Length)
            throw Refuse($"k = {K} needs at least {K} correctly classified images to fit on and must be positive; {train.Name} has {correct.Length}");
        var bank = State.Keep(Bank, Tensor.Empty([correct.Length, train.Features.Size(1)]));
        RowBlocks.ForEach(correct.Length, (start, rows) =>
        {
            var features = train.Features.IndexSelect(0, Tensor.From(correct[start..(start + rows)]));
            bank.Narrow(0, start, rows).Copy_(Gradients(features.To(DType.Float64)));
        });
        State.Keep(Offsets, bank.Square().Sum(1) * -0.5);
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        var scores = new float[bank.Count];
        for (var start = 0; start < scores.Length; start += LargestProducts.QueryBlock)
        {
            using var scope = new TensorScope();
            var count = Math.Min(LargestProducts.QueryBlock, scores.Length - start);
            var query = Gradients(bank.Features.Rows(start, count)).To(DType.Float32);
            var best = LargestProducts.Of(query, State.Tensor(Bank), State.Tensor(Offsets), K);
            var squares = query.Square().Sum(1).AsSpan<float>();
            for (var i = 0; i < count; i++)
                scores[start + i] = -Math.Max(0, squares[i] - (2 * best[i * K]));
        }

        return scores;
    }

    // g of features [n,D]: [n,D] float64.
    private Tensor Gradients(Tensor features)
    {
        var prototypes = State.Tensor(Prototypes);
        var last = prototypes.Size(0) - 1;
        // 1: by matrix products however few rows there are, so that an image alone scores as among others.
        var logits = s_distances.Call(features, prototypes, 2.0, 1).Neg();
        var probability = logits.Softmax(1).Narrow(1, last, 1);
        var away = features - prototypes.Narrow(0, last, 1);
        return away * (probability / away.Norm(1, keepDim: true).Clamp(min: Nothing));
    }

    // Means of the classes that have images, [C',D] float64.
    private Tensor ClassMeans(FeatureBank bank, long classes)
    {
        var bad = Array.FindIndex(bank.Labels, label => label < 0 || label >= classes);
        if (bad >= 0)
            throw Refuse($"image {bad} of {bank.Name} has the label {bank.Labels[bad]}, not one of the {classes} classes");
        var labels = Tensor.From(Array.ConvertAll(bank.Labels, label => (long)label));
        var sums = Tensor.Zeros([classes, bank.Features.Size(1)], DType.Float64);
        RowBlocks.ForEach(bank.Count, (start, rows) => s_indexAdd.Run(sums, 0, labels.Narrow(0, start, rows), bank.Features.Rows(start, rows)));
        var counts = labels.OneHot(classes).Sum(0).To(DType.Float64);
        long[] present = [.. bank.Labels.Distinct().Order().Select(label => (long)label)];
        return (sums / counts.Clamp(min: 1).Unsqueeze(1)).IndexSelect(0, Tensor.From(present));
    }

    private Tensor NoiseMean(FeatureBank train)
    {
        if (train.Images is not { Model: var model, Batches: var batches })
            throw Refuse($"needs the images and the network for prototype=noise, {train.Name} has only features");
        var (channels, height, width) = Shape(batches());
        if (height <= BlurHeight / 2 || width <= BlurWidth / 2)
            throw Refuse($"noise images of {height}×{width} are too small to be blurred");
        using var generator = new Generator((ulong)Seed);
        var (sum, taken) = (Tensor.Zeros([train.Features.Size(1)], DType.Float64), 0L);
        for (var start = 0; start < NoiseImages; start += NoiseBlock)
        {
            using var scope = new TensorScope();
            var count = Math.Min(NoiseBlock, NoiseImages - start);
            var noise = Tensor.Rand([count, channels, height, width], generator);
            var blur = LeastBlur + (Tensor.Rand([1], generator, DType.Float64).Item().ToDouble() * (MostBlur - LeastBlur));
            var (logits, features) = model.Forward(Blurred(noise, blur));
            var least = logits.LogSumExp(1).TopK(Math.Max(1, count / NoiseShare), 0, largest: false).Indices;
            sum.Add_(features.IndexSelect(0, least).Cpu().To(DType.Float64).Sum(0));
            taken += least.Size(0);
        }

        return sum / taken;
    }

    private static (long Channels, long Height, long Width) Shape(IEnumerable<Tensor> batches)
    {
        using var first = batches.First();
        return (first.Size(1), first.Size(2), first.Size(3));
    }

    private static Tensor Blurred(Tensor images, double deviation)
    {
        var kernel = Bell(BlurHeight).Unsqueeze(1).MatMul(Bell(BlurWidth).Unsqueeze(0)).To(DType.Float32);
        var padded = s_reflect.Call(images, new long[] { BlurWidth / 2, BlurWidth / 2, BlurHeight / 2, BlurHeight / 2 });
        return padded.Conv2d(kernel.Expand(images.Size(1), 1, BlurHeight, BlurWidth).Contiguous(), groups: images.Size(1));

        Tensor Bell(int size)
        {
            var values = Enumerable.Range(0, size).Select(i => Math.Exp(-0.5 * Math.Pow((i - ((size - 1) / 2.0)) / deviation, 2))).ToArray();
            return Tensor.From(Array.ConvertAll(values, value => value / values.Sum()));
        }
    }
}
