using System.ComponentModel.DataAnnotations;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection.Detectors;

/// <summary>
/// How strongly an image is related to the training images: Σ_j r_j^a [r_j &gt; t], r_j = max(0, cos(f, f_j)) · ⟨p, p_j⟩ over all training images j, p = softmax(z).
/// Kim et al. 2023, "Neural Relation Graph: A Unified Framework for Identifying Label Noise and Outlier Data". The cosine with a feature
/// that is all zero is 0.
/// </summary>
/// <remarks>
/// Keeps the training features and logits, as their own float32 numbers, without a copy: their memory, or the mapping of their files. Relations are made in blocks of queries by training images, in float64: a relation
/// near the threshold counts or does not, and float32 would decide otherwise for some.
/// </remarks>
[CatalogEntry("relation", "strength of relations to the training images", Paper = "Kim et al. 2023")]
public sealed class Relation : Detector
{
    private const string BankFeatures = "features";
    private const string BankLogits = "logits";
    private const int QueryBlock = 512;
    private const int BankBlock = 4096;

    /// <summary>a, above 0 and finite: the power that relations are raised to before they are summed.</summary>
    [Describe("Power that relations are raised to.")]
    [Range(0.0, double.MaxValue, MinimumIsExclusive = true)]
    [Grid(1, 2, 4, 6, 8)]
    public double Pow { get; init; } = 1;

    /// <summary>t, from 0 and below 1: weaker relations do not count.</summary>
    [Describe("Relations up to this strength do not count.")]
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Threshold { get; init; } = 0.03;

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Logits | DetectorNeeds.Features | DetectorNeeds.TrainingSet;

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (!(Pow > 0 && double.IsFinite(Pow)))
            throw Refuse($"pow is {Pow}, a finite number above 0 is needed");
        if (Threshold is not (>= 0 and < 1))
            throw Refuse($"threshold is {Threshold}, a number from 0 and below 1 is needed");
        FeatureBlocks.RefuseEmpty(fit.Train!);
        State.Keep(BankFeatures, fit.Train!.Features.alias());
        State.Keep(BankLogits, fit.Train.Logits.alias());
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        var (trainFeatures, trainLogits) = (State.Tensor(BankFeatures), State.Tensor(BankLogits));
        var scores = torch.zeros([bank.Count], dtype: ScalarType.Float64);
        var total = trainFeatures.size(0);
        for (long start = 0; start < total; start += BankBlock)
        {
            using var scope = NewDisposeScope();
            var (directions, probabilities) = Prepare(trainFeatures, trainLogits, start, Math.Min(BankBlock, total - start));
            var (directionColumns, probabilityColumns) = (directions.transpose(0, 1), probabilities.transpose(0, 1));
            for (long first = 0; first < bank.Count; first += QueryBlock)
            {
                using var block = NewDisposeScope();
                var count = Math.Min(QueryBlock, bank.Count - first);
                var (direction, probability) = Prepare(bank.Features, bank.Logits, first, count);
                scores.narrow(0, first, count).add_(Strength(direction.matmul(directionColumns).clamp(min: 0).mul_(probability.matmul(probabilityColumns))));
            }
        }

        return scores.to(ScalarType.Float32).ToArray<float>();
    }

    private static (Tensor Directions, Tensor Probabilities) Prepare(Tensor features, Tensor logits, long start, long count)
    {
        var rows = features.narrow(0, start, count).to(ScalarType.Float64);
        return (rows / FeatureBlocks.Length(rows).unsqueeze(1), logits.narrow(0, start, count).to(ScalarType.Float64).softmax(1));
    }

    private Tensor Strength(Tensor relations)
    {
        var strong = relations.masked_fill(relations.le(Threshold), 0);
        return (Pow == 1 ? strong : strong.pow(Pow)).sum(1);
    }
}
