using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection.Detectors;

/// <summary>
/// How far the correlations of feature maps lie outside the range that the training images of the predicted class have: −Σ_l δ_l / E[δ_l] over the stages l. A
/// stage's map F (channels × positions) gives for each order p the Gram matrix G^p = (F^p (F^p)ᵀ)^(1/p), powers entry by entry, of which the row sums are looked at;
/// δ_l sums over orders and rows (min − g) / |min| where g lies below the least, and (g − max) / |max| where it lies above the greatest value that training images
/// with the same predicted class have. E[δ_l] is the mean of validation images. At most 0. Sastry and Oore 2020, "Detecting Out-of-Distribution Examples with Gram
/// Matrices", section 3.
/// </summary>
/// <remarks>
/// Row sums, as in the authors' code, not all pairs of channels: the sum is taken before the root, so no channels × channels matrix is made. As there, |min| and
/// |max| count as at least 1e-6 and E[δ] as 1e-7 more than it is; their code also divides by the largest softmax probability, which the paper's formula does not, nor
/// does this. OpenOOD's code compares a map's sum over channels with the range of single channels, by true labels, and does not turn the sign; only its default orders
/// 1 to 5 are kept (the paper has 1 to 10). Classes that no training image is predicted as have the range of all classes.
/// <para>Fitting costs a further pass over training and validation images, scoring one over the images to score.</para>
/// </remarks>
[CatalogEntry("gram", "deviation of the feature maps' Gram matrices from the predicted class's range", Paper = "Sastry & Oore 2020")]
public sealed class Gram : Detector
{
    private const int HighestPower = 20;
    private const double LeastBound = 1e-6;
    private const double AddedToExpected = 1e-7;
    private const string Stages = "stages";
    private const string Expected = "expected";

    /// <summary>The orders p, each from 1 to 20.</summary>
    [Describe("Orders p of the Gram matrices, whole numbers from 1 to 20.")]
    public IReadOnlyList<int> Powers { get; init; } = [1, 2, 3, 4, 5];

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Logits | DetectorNeeds.TrainingSet | DetectorNeeds.ValidationSet | DetectorNeeds.FeatureMaps;

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (Powers.Count == 0 || Powers.Any(power => power is < 1 or > HighestPower))
            throw Refuse($"the powers are [{string.Join(", ", Powers)}], one or more whole numbers from 1 to {HighestPower} are needed");
        var (train, validation) = (fit.Train!, fit.Validation!);
        if (train.Count == 0 || validation.Count == 0)
            throw Refuse($"{(train.Count == 0 ? train : validation).Name} has no image to fit on");
        FitRanges(train, (int)fit.HeadWeight.size(0));

        var sum = State.Keep(Expected, torch.zeros([(long)State.Number(Stages)], dtype: ScalarType.Float64));
        var predicted = validation.Predictions();
        MapPasses.ForEach(validation, (start, images) => sum.add_(Deviations(validation, predicted, start, images).sum(dim: 0)));
        sum.div_(validation.Count);
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        var predicted = bank.Predictions();
        var expected = State.Tensor(Expected) + AddedToExpected;
        return MapPasses.Score(bank, (start, images) => -(Deviations(bank, predicted, start, images) / expected).sum(1));
    }

    private static string Low(int stage) => FormattableString.Invariant($"low{stage}");

    private static string High(int stage) => FormattableString.Invariant($"high{stage}");

    private void FitRanges(FeatureBank bank, int classes)
    {
        var predicted = bank.Predictions();
        MapPasses.ForEach(bank, (start, images) =>
        {
            var stages = Correlations(bank, images);
            if (start == 0)
            {
                State.Keep(Stages, (double)stages.Length);
                for (var l = 0; l < stages.Length; l++)
                {
                    State.Keep(Low(l), torch.full([classes, stages[l].size(1)], double.PositiveInfinity, dtype: ScalarType.Float32));
                    State.Keep(High(l), torch.full([classes, stages[l].size(1)], double.NegativeInfinity, dtype: ScalarType.Float32));
                }
            }

            foreach (var rows in Enumerable.Range(0, (int)images.size(0)).GroupBy(row => predicted[start + row], row => (long)row))
            {
                long[] index = [.. rows];
                var which = torch.tensor(index, [index.Length]);
                for (var l = 0; l < stages.Length; l++)
                {
                    var (low, high, values) = (State.Tensor(Low(l)).select(0, rows.Key), State.Tensor(High(l)).select(0, rows.Key), stages[l].index_select(0, which));
                    low.copy_(low.minimum(values.amin([0])));
                    high.copy_(high.maximum(values.amax([0])));
                }
            }
        });

        var without = Enumerable.Range(0, classes).Except(predicted).ToArray();
        for (var l = 0; l < (int)State.Number(Stages); l++)
        {
            var (low, high) = (State.Tensor(Low(l)), State.Tensor(High(l)));
            var (least, greatest) = (low.amin([0]), high.amax([0]));
            foreach (var c in without)
            {
                low.select(0, c).copy_(least);
                high.select(0, c).copy_(greatest);
            }
        }
    }

    // δ of each stage, [n,stages] float64.
    private Tensor Deviations(FeatureBank bank, int[] predicted, int start, Tensor images)
    {
        var count = (int)images.size(0);
        var classes = torch.tensor(Array.ConvertAll(predicted[start..(start + count)], c => (long)c), [count]);
        var stages = Correlations(bank, images);
        if (stages.Length != (int)State.Number(Stages))
            throw Refuse($"the network of {bank.Name} has {stages.Length} stages, that of the fit had {State.Number(Stages)}");
        return torch.stack([
            .. stages.Select((values, l) =>
            {
                var value = values.to(ScalarType.Float64);
                var (low, high) = (State.Tensor(Low(l)).index_select(0, classes).to(ScalarType.Float64), State.Tensor(High(l)).index_select(0, classes).to(ScalarType.Float64));
                var below = (low - value).relu() / low.abs().clamp(min: LeastBound);
                return (below + ((value - high).relu() / high.abs().clamp(min: LeastBound))).sum(1);
            }),
        ], dim: 1);
    }

    // For each stage the row sums of its Gram matrices, [n, orders · channels].
    private Tensor[] Correlations(FeatureBank bank, Tensor images)
    {
        var orders = Powers.Distinct().Order().ToArray();
        return [.. MapPasses.Maps(bank, images, Name).Select(map =>
        {
            // In float64: tenth powers are beyond float32's range.
            var flat = map.flatten(2).to(ScalarType.Float64);
            var (power, sums) = (flat, new List<Tensor>());
            for (var p = 1; p <= orders[^1]; p++)
            {
                if (p > 1)
                    power = power * flat;
                if (!orders.Contains(p))
                    continue;

                // Σ_j Σ_k F_ik F_jk = Σ_k F_ik (Σ_j F_jk).
                var sum = (power * power.sum(1, keepdim: true)).sum(2);
                sums.Add(sum.sign() * sum.abs().pow(1.0 / p));
            }

            return torch.cat([.. sums], dim: 1).to(ScalarType.Float32).cpu();
        })];
    }
}
