using System.ComponentModel.DataAnnotations;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection.Detectors;

/// <summary>
/// How far the histogram of an image's features, and that of its logits under perturbed class weights, are from the training images' mean histograms, with the mean softmax
/// confidence of the perturbed logits: −D(f) − λ₁·D(W̃f) + λ₂·MSP. W̃ holds r copies of the last layer, each weight w_c moved by δ·‖w_c‖ in a random direction, w_c + δ·‖w_c‖·ε/‖ε‖,
/// ε normal; the bias stays. MSP is the mean over the r copies of the largest softmax probability. A histogram has n bins from the least to the greatest of
/// all training values (values outside are in none); with p the mean of the training images' and q the image's own, smoothed by a mean over s neighbouring bins, each plus a
/// constant (0.01 for features, 0.025 for perturbed logits) and divided by its sum, D = KL(p‖q) + KL(q‖p). WeiPer+KLD: Granz, Heurich and Landgraf 2024, "WeiPer: OOD Detection
/// using Weight Perturbations of Class Projections", figure 2 and section 3; constants, smoothing of q alone and defaults (CIFAR-10, ResNet-18) are those of the authors' code.
/// </summary>
/// <remarks>
/// W̃ is drawn anew from <see cref="Seed"/> whenever it is needed, some thousand rows at a time, instead of being kept: 800 MB for a thousand classes and 2,048
/// features. At the ends the first and last bin are repeated for smoothing; of an even number of neighbours one more lies above. In float64, so
/// that an image's values do not change bins with the batch they are in. (The authors' code draws other perturbations for every batch.)
/// <para>A histogram forgets which feature has which value, and one of few features says little: on the reference network of 64 features, CIFAR-10 against CIFAR-100 and MNIST, the
/// divergences are hardly better than chance, or worse, while the mean confidence alone (<c>lambda2=10000</c>) is better than that of the plain logits.</para>
/// </remarks>
[CatalogEntry("weiper", "distance of feature and perturbed-logit histograms from those of training images", Paper = "Granz, Heurich & Landgraf 2024")]
public sealed class WeiPer : Detector
{
    private const double Added = 0.01;
    private const double AddedPerturbed = 0.025;

    // Keeps the greatest value inside of the last bin.
    private const double Margin = 1e-8;

    // Rows of perturbed weights at a time: with 2,048 images, 16 MB of float64 logits.
    private const long Rows = 1024;

    private const string Density = "density";
    private const string Least = "least";
    private const string Greatest = "greatest";
    private const string Perturbed = "perturbed_";

    /// <summary>r, at least 1.</summary>
    [Describe("How many perturbed copies r of the last layer there are.")]
    [Range(1, int.MaxValue)]
    public int Repeats { get; init; } = 100;

    /// <summary>δ, finite and at least 0.</summary>
    [Describe("Length δ of a perturbation as a share of the weight's own length, at least 0.")]
    public double Distance { get; init; } = 1.8;

    /// <summary>n, at least 1.</summary>
    [Describe("Number of bins of a histogram.")]
    [Range(1, 100_000)]
    public int Bins { get; init; } = 100;

    /// <summary>λ₁, finite.</summary>
    [Describe("Weight λ₁ of the perturbed logits' histogram.")]
    public double Lambda1 { get; init; } = 2.5;

    /// <summary>λ₂, finite.</summary>
    [Describe("Weight λ₂ of the perturbed logits' mean confidence.")]
    public double Lambda2 { get; init; } = 0.1;

    /// <summary>s₁, at least 1.</summary>
    [Describe("Number of neighbouring bins that the features' histogram is smoothed over; 1 for none.")]
    [Range(1, 100_000)]
    public int Smoothing { get; init; } = 4;

    /// <summary>s₂, at least 1.</summary>
    [Describe("Number of neighbouring bins that the perturbed logits' histogram is smoothed over; 1 for none.")]
    [Range(1, 100_000)]
    public int SmoothingPerturbed { get; init; } = 15;

    /// <summary>Training images used, at least 1.</summary>
    [Describe("At most so many training images, evenly spaced, are fitted on.")]
    [Range(1, int.MaxValue)]
    public int Samples { get; init; } = 300_000;

    /// <summary>Seed of the perturbations.</summary>
    [Describe("Seed of the perturbations.")]
    [Range(0, int.MaxValue)]
    public int Seed { get; init; }

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Features | DetectorNeeds.TrainingSet | DetectorNeeds.Head;

    /// <summary>n perturbed copies of a last layer's weight [C,D]: [n·C,D] of the same type.</summary>
    internal static Tensor Perturb(Tensor weight, long copies, double distance, Generator generator)
    {
        var noise = torch.randn([copies, weight.size(0), weight.size(1)], dtype: weight.dtype, generator: generator);
        var direction = noise / linalg.vector_norm(noise, dims: [2], keepdim: true).clamp(min: 1e-12);
        return (weight + (direction * linalg.vector_norm(weight, dims: [1], keepdim: true) * distance)).flatten(0, 1);
    }

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        Check();
        var train = fit.Train!;
        FeatureBlocks.RefuseEmpty(train);
        State.KeepHead(fit);
        var count = Math.Min(train.Count, Samples);

        var (plain, perturbed) = (new Range(), new Range());
        ForEach(features =>
        {
            plain.Widen(features);
            ForEachCopies(features, perturbed.Widen);
        });
        Keep(string.Empty, plain);
        Keep(Perturbed, perturbed);

        var (density, perturbedDensity) = (torch.zeros([Bins], dtype: ScalarType.Float64), torch.zeros([Bins], dtype: ScalarType.Float64));
        ForEach(features =>
        {
            density.add_(Shares(features, string.Empty).sum(dim: 0));
            ForEachCopies(features, logits => perturbedDensity.add_(Shares(logits.flatten(1), Perturbed).sum(dim: 0)));
        });
        State.Keep(Density, density / count);
        State.Keep(Perturbed + Density, perturbedDensity / count);

        void ForEach(Action<Tensor> work) => RowBlocks.ForEach(count, (start, rows) =>
            work(count == train.Count
                ? train.Features.Rows(start, rows)
                : train.Features.index_select(0, torch.tensor(Spaced(start, rows))).to(ScalarType.Float64)));

        long[] Spaced(int start, int rows) => [.. Enumerable.Range(start, rows).Select(i => (long)i * train.Count / count)];
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        return RowBlocks.Score(bank.Count, (start, rows) =>
        {
            var features = bank.Features.Rows(start, rows);
            var (shares, confidence) = (torch.zeros([rows, Bins], dtype: ScalarType.Float64), torch.zeros([rows], dtype: ScalarType.Float64));
            ForEachCopies(features, logits =>
            {
                shares.add_(Shares(logits.flatten(1), Perturbed));
                confidence.add_(logits.softmax(2).amax([2]).sum(1));
            });
            var far = Divergence(Shares(features, string.Empty), string.Empty, Smoothing, Added);
            var farPerturbed = Divergence(shares, Perturbed, SmoothingPerturbed, AddedPerturbed);
            return (confidence * (Lambda2 / Repeats)) - far - (farPerturbed * Lambda1);
        });
    }

    // Logits [rows,n,C] of n copies at a time, always the same copies.
    private void ForEachCopies(Tensor features, Action<Tensor> work)
    {
        var (weight, bias) = (State.HeadWeight().to(ScalarType.Float64), State.HeadBias().to(ScalarType.Float64));
        var group = Math.Max(1, Rows / weight.size(0));
        using var generator = new Generator((ulong)Seed);
        for (long start = 0; start < Repeats; start += group)
        {
            using var scope = NewDisposeScope();
            var copies = Math.Min(group, Repeats - start);
            var logits = nn.functional.linear(features, Perturb(weight, copies, Distance, generator));
            work(logits.reshape(features.size(0), copies, weight.size(0)) + bias);
        }
    }

    // The share of each row's values [rows,m] in each bin: [rows,n]. Of the perturbed logits a group of copies at a time: their part of the whole.
    private Tensor Shares(Tensor values, string which)
    {
        var (least, greatest) = (State.Number(which + Least), State.Number(which + Greatest));
        var width = (greatest - least + (Margin * Math.Max(1, Math.Abs(greatest)))) / Bins;
        var places = (((values - least) / width).floor().clamp(-1, Bins) + 1).to(ScalarType.Int64);
        var counts = torch.zeros([values.size(0), Bins + 2], dtype: ScalarType.Float64).scatter_add(1, places, values.ones_like()).narrow(1, 1, Bins);
        var all = which.Length == 0 ? values.size(1) : Repeats * State.Classes;
        return counts / all;
    }

    private Tensor Divergence(Tensor shares, string which, int smoothing, double added)
    {
        var p = Normalized(State.Tensor(which + Density).unsqueeze(0), added);
        var q = Normalized(shares.matmul(Smoother(Bins, smoothing)), added);
        return ((p - q) * (p.log() - q.log())).sum(1);

        static Tensor Normalized(Tensor shares, double added)
        {
            var raised = shares + added;
            return raised / raised.sum(1, keepdim: true);
        }
    }

    // [n,n]: column j holds how much of each bin goes into bin j.
    private static Tensor Smoother(int bins, int size)
    {
        var matrix = new double[bins * bins];
        var below = (size - 1) / 2;
        for (var to = 0; to < bins; to++)
        {
            for (var offset = -below; offset < size - below; offset++)
                matrix[(Math.Clamp(to + offset, 0, bins - 1) * bins) + to] += 1.0 / size;
        }

        return torch.tensor(matrix, [bins, bins]);
    }

    private void Keep(string which, Range range)
    {
        State.Keep(which + Least, range.Least);
        State.Keep(which + Greatest, range.Greatest);
    }

    private void Check()
    {
        if (Repeats < 1 || Bins < 1 || Smoothing < 1 || SmoothingPerturbed < 1 || Samples < 1 || Seed < 0)
            throw Refuse($"repeats = {Repeats}, bins = {Bins}, smoothing = {Smoothing}, smoothing_perturbed = {SmoothingPerturbed} and samples = {Samples} must be at least 1, seed = {Seed} at least 0");
        if (!(Distance >= 0 && double.IsFinite(Distance) && double.IsFinite(Lambda1) && double.IsFinite(Lambda2)))
            throw Refuse($"distance = {Distance}, lambda1 = {Lambda1} and lambda2 = {Lambda2}, finite numbers are needed, the first not negative");
    }

    private sealed class Range
    {
        public double Least { get; private set; } = double.PositiveInfinity;

        public double Greatest { get; private set; } = double.NegativeInfinity;

        public void Widen(Tensor values)
        {
            Least = Math.Min(Least, values.min().ToDouble());
            Greatest = Math.Max(Greatest, values.max().ToDouble());
        }
    }
}
