using System.ComponentModel.DataAnnotations;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection.Detectors;

/// <summary>What <see cref="OpenMax"/> gives as its score.</summary>
public enum OpenMaxConfidence
{
    /// <summary>As OpenOOD 1.5: minus the probability of the unknown class.</summary>
    Openood15,

    /// <summary>As OpenOOD 1.0 and SIO: the largest probability, be it that of the unknown class.</summary>
    Openood10,
}

/// <summary>
/// Minus the probability of a class "unknown" beside the C known ones. Each class c has the mean logit vector m_c of its correctly classified
/// training images and a Weibull distribution of the largest distances from it; ω_c(d) is its value at distance d, the belief that d is too far.
/// With a = 1, (α−1)/α, …, 1/α for the α largest logits and 0 for the others, z'_c = z_c · (1 − a_c·ω_c(‖z − m_c‖)), z'_unknown = Σ_c (z_c − z'_c), and
/// the probabilities are the softmax of these C + 1 values. In [−1, 0]. Bendale &amp; Boult 2016, "Towards Open Set Deep Networks",
/// algorithms 1 and 2.
/// </summary>
/// <remarks>
/// The distribution is what libMR fits: with x the <see cref="Tail"/> largest distances and v the least of them, the two-parameter Weibull
/// distribution of maximum likelihood on x + <see cref="Translate"/> − v, whose shape is the root of an increasing function of one variable.
/// A class with fewer than three correctly classified training images, or with all its largest distances equal, has no such distribution: its ω is 0,
/// so that its logit stays as it is. Where no class has one, fitting is refused. A class with fewer images than the tail asks for is fitted on all it has.
/// The peers' older code counts the unknown class among the candidates for the largest probability, so that an image that is surely
/// unknown looks surely known; that score stays available as <c>openmax.confidence=openood10</c>.
/// </remarks>
[CatalogEntry("openmax", "probability of an unknown class, from Weibull tails of the distances to class means", Paper = "Bendale & Boult 2016")]
public sealed class OpenMax : Detector
{
    private const int FewestImages = 3;

    // Distances closer than this, as a share of their size, differ by rounding only.
    private const double EqualShare = 1e-9;

    // Beyond these, float64 no longer tells the translated distances apart.
    private const double LeastTranslate = 1e-3;
    private const double MostTranslate = 1e9;

    private const string Means = "means";
    private const string Shapes = "shapes";
    private const string Scales = "scales";
    private const string Shifts = "shifts";
    private const string Modelled = "modelled";

    /// <summary>α, at least 1; all classes where it is more than there are.</summary>
    [Describe("How many of the largest logits are revised; all where there are fewer classes.")]
    [Range(1, int.MaxValue)]
    public int Alpha { get; init; } = 3;

    /// <summary>Number of distances, at least 3.</summary>
    [Describe("How many of a class's largest distances its distribution is fitted on.")]
    [Range(FewestImages, int.MaxValue)]
    public int Tail { get; init; } = 20;

    /// <summary>libMR's constant, from 0.001 to 1e9.</summary>
    [Describe("What is added to the distances before fitting, the least of them then being this: libMR's constant, so large that the fit is nearly a Gumbel distribution's.")]
    [Range(LeastTranslate, MostTranslate)]
    public double Translate { get; init; } = 10_000;

    /// <summary>What the score is.</summary>
    [Describe("The score: openood15 is minus the unknown class's probability, openood10 the largest probability, even if it is the unknown class's.")]
    public OpenMaxConfidence Confidence { get; init; }

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Logits | DetectorNeeds.TrainingSet;

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (Alpha < 1)
            throw Refuse($"alpha is {Alpha}, at least 1 is needed");
        if (Tail < FewestImages)
            throw Refuse($"the tail is {Tail}, at least {FewestImages} is needed");
        if (!(Translate >= LeastTranslate && Translate <= MostTranslate))
            throw Refuse($"translate is {Translate}, a number from {LeastTranslate} to {MostTranslate} is needed");
        var bank = fit.Train!;
        var classes = (int)bank.Logits.size(1);
        var predictions = bank.Predictions();
        int[] correct = [.. Enumerable.Range(0, bank.Count).Where(i => predictions[i] == bank.Labels[i])];
        var means = MeanLogits(bank, correct, classes);
        var distances = Distances(bank, correct, means, classes);

        var (shapes, scales, shifts, modelled) = (new double[classes], new double[classes], new double[classes], new double[classes]);
        Array.Fill(shapes, 1);
        Array.Fill(scales, 1);
        for (var c = 0; c < classes; c++)
        {
            double[] largest = [.. distances[c].OrderDescending().Take(Tail)];
            if (largest.Length < FewestImages || largest[0] - largest[^1] <= EqualShare * largest[0])
                continue;
            shifts[c] = Translate - largest[^1];
            (shapes[c], scales[c]) = Weibull(largest, Translate);
            modelled[c] = 1;
        }

        if (!modelled.Contains(1))
            throw Refuse($"no class has {FewestImages} correctly classified training images at different distances from their mean");
        State.Keep(Means, means);
        State.Keep(Shapes, torch.tensor(shapes));
        State.Keep(Scales, torch.tensor(scales));
        State.Keep(Shifts, torch.tensor(shifts));
        State.Keep(Modelled, torch.tensor(modelled));
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        return RowBlocks.Score(bank.Count, (start, rows) =>
        {
            var probabilities = Probabilities(bank.Logits.Rows(start, rows));
            return Confidence == OpenMaxConfidence.Openood10
                ? probabilities.amax([1])
                : probabilities.select(1, probabilities.size(1) - 1).neg();
        });
    }

    // [rows, C + 1], the unknown class last. One rank of logits after the other: [rows, C] is the largest that is ever made.
    private Tensor Probabilities(Tensor logits)
    {
        var alpha = (int)Math.Min(Alpha, logits.size(1));
        var (largest, classes) = logits.topk(alpha, dim: 1);
        var shares = new Tensor[alpha];
        for (var rank = 0; rank < alpha; rank++)
        {
            using var scope = NewDisposeScope();
            var label = classes.select(1, rank);
            var distance = linalg.vector_norm((logits - State.Tensor(Means).index_select(0, label)), dims: [1]);
            shares[rank] = scope.MoveToOuter(Outlying(distance, label) * ((alpha - rank) / (double)alpha));
        }

        var taken = largest * torch.stack(shares, dim: 1);
        var revised = logits.scatter_add(1, classes, taken.neg());
        return torch.cat([revised, taken.sum(1, keepdim: true)], dim: 1).softmax(1);
    }

    // ω = 1 − exp(−((d + shift)/scale)^shape), without the cancellation where it is near 0.
    private Tensor Outlying(Tensor distance, Tensor label)
    {
        var ratio = ((distance + State.Tensor(Shifts).index_select(0, label)) / State.Tensor(Scales).index_select(0, label)).clamp(min: 0);
        var power = (ratio.log() * State.Tensor(Shapes).index_select(0, label)).exp();
        return power.neg().expm1().neg() * State.Tensor(Modelled).index_select(0, label);
    }

    private static Tensor MeanLogits(FeatureBank bank, int[] rows, int classes)
    {
        var sums = torch.zeros([classes, classes], dtype: ScalarType.Float64);
        var counts = torch.zeros([classes, 1], dtype: ScalarType.Float64);
        RowBlocks.ForEach(rows.Length, (start, count) =>
        {
            var (logits, labels) = Take(bank, rows.AsSpan(start, count));
            sums.index_add_(0, labels, logits, 1);
            counts.index_add_(0, labels, torch.ones([count, 1], dtype: ScalarType.Float64), 1);
        });
        return sums / counts.clamp(min: 1);
    }

    // Distances of each class's images from the class's mean.
    private static List<double>[] Distances(FeatureBank bank, int[] rows, Tensor means, int classes)
    {
        List<double>[] distances = [.. Enumerable.Range(0, classes).Select(_ => new List<double>())];
        RowBlocks.ForEach(rows.Length, (start, count) =>
        {
            var (logits, labels) = Take(bank, rows.AsSpan(start, count));
            var block = linalg.vector_norm((logits - means.index_select(0, labels)), dims: [1]).ToArray<double>();
            for (var i = 0; i < count; i++)
                distances[bank.Labels[rows[start + i]]].Add(block[i]);
        });
        return distances;
    }

    private static (Tensor Logits, Tensor Labels) Take(FeatureBank bank, ReadOnlySpan<int> rows)
    {
        var (indices, labels) = (new long[rows.Length], new long[rows.Length]);
        for (var i = 0; i < rows.Length; i++)
            (indices[i], labels[i]) = (rows[i], bank.Labels[rows[i]]);
        return (bank.Logits.index_select(0, torch.tensor(indices)).to(ScalarType.Float64), torch.tensor(labels));
    }

    // Fits on y = distance − least distance + translate, distances being in descending order. The shape k of maximum likelihood solves
    // Σ yᵏ ln y / Σ yᵏ − 1/k − mean(ln y) = 0. The left side increases in k, from −∞ to ln(max y) − mean(ln y) > 0, so there is one
    // root, which Newton's method finds, with halving where it would leave the bracket.
    private static (double Shape, double Scale) Weibull(double[] distances, double translate)
    {
        // ln(y / max y) as 2·artanh((y − max y)/(y + max y)): the y lie so close together that their logarithms' difference would lose digits. Powers of the
        // ratio stay in [0, 1].
        var most = distances[0] - distances[^1] + translate;
        var logs = Array.ConvertAll(distances, distance => 2 * Math.Atanh((distance - distances[0]) / (distance - distances[^1] + translate + most)));
        var mean = logs.Average();
        var deviation = Math.Sqrt(logs.Average(log => (log - mean) * (log - mean)));

        // A Weibull variable's logarithm has the standard deviation π/(√6·k).
        var shape = Math.PI / (Math.Sqrt(6) * deviation);
        var (low, high) = (0.0, double.PositiveInfinity);
        var sum = 0.0;
        for (var step = 0; step < 200; step++)
        {
            sum = 0;
            var (first, second) = (0.0, 0.0);
            foreach (var log in logs)
            {
                var power = Math.Exp(shape * log);
                sum += power;
                first += power * log;
                second += power * log * log;
            }

            first /= sum;
            second /= sum;
            var value = first - (1 / shape) - mean;
            (low, high) = value > 0 ? (low, shape) : (shape, high);
            var next = shape - (value / (second - (first * first) + (1 / (shape * shape))));
            if (!(next > low && next < high))
                next = double.IsInfinity(high) ? 2 * shape : (low + high) / 2;
            if (Math.Abs(next - shape) <= 1e-13 * shape)
                break;
            shape = next;
        }

        return (shape, most * Math.Exp(Math.Log(sum / logs.Length) / shape));
    }
}
