using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection.Detectors;

/// <summary>
/// Likeness to the stored pattern of the predicted class ŷ: ⟨f, s_ŷ⟩, where s_c is the mean feature of the training images of class c that are classified
/// correctly. Zhang et al. 2023, "Out-of-Distribution Detection based on In-Distribution Data Patterns Memorization with Modern Hopfield Energy" (SHE,
/// "simplified Hopfield energy").
/// </summary>
/// <remarks>
/// A class of which no training image is classified correctly has no pattern of its own (the peers score its images NaN). Images predicted as it are
/// compared with the mean of all correctly classified training images. With none of these at all, fitting is refused.
/// </remarks>
[CatalogEntry("she", "likeness to the predicted class's mean feature", Paper = "Zhang et al. 2023")]
public sealed class She : Detector
{
    private const string Patterns = "patterns";

    /// <summary>How features and patterns are compared.</summary>
    [Describe("How a feature is compared with its class's pattern.")]
    public SheMetric Metric { get; init; } = SheMetric.InnerProduct;

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Logits | DetectorNeeds.Features | DetectorNeeds.TrainingSet;

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        var (train, classes) = (fit.Train!, fit.HeadWeight.size(0));

        // Wrongly classified images are counted too, in a row beyond the classes: cheaper than picking the others out.
        var sums = torch.zeros([classes + 1, fit.HeadWeight.size(1)], dtype: ScalarType.Float64);
        var counts = new long[classes + 1];
        FeatureBlocks.ForEach(train, (start, features, logits) =>
        {
            var rows = logits.argmax(1).ToArray<long>();
            for (var i = 0; i < rows.Length; i++)
            {
                if (rows[i] != train.Labels[start + i])
                    rows[i] = classes;
                counts[rows[i]]++;
            }

            sums.index_add_(0, torch.tensor(rows), features, 1);
        });

        var correct = counts.AsSpan(0, (int)classes);
        var all = train.Count - counts[classes];
        if (all == 0)
            throw Refuse($"no image of {train.Name} is classified correctly, so there is no pattern to compare with");
        sums = sums.narrow(0, 0, classes);
        var patterns = sums / torch.tensor(Array.ConvertAll(correct.ToArray(), count => (double)Math.Max(1, count)), [classes, 1]);
        var general = sums.sum(dim: 0) / all;
        for (var c = 0; c < correct.Length; c++)
        {
            if (correct[c] == 0)
                patterns.select(0, c).copy_(general);
        }

        State.Keep(Patterns, patterns.to(ScalarType.Float32));
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        var patterns = State.Tensor(Patterns).to(ScalarType.Float64);
        return FeatureBlocks.Score(bank, (features, logits) =>
        {
            var own = patterns.index_select(0, logits.argmax(1));
            return Metric switch
            {
                SheMetric.InnerProduct => (features * own).sum(1),
                SheMetric.Cosine => (features * own).sum(1) / (FeatureBlocks.Length(features) * FeatureBlocks.Length(own)),
                SheMetric.Euclidean => linalg.vector_norm((features - own), dims: [1]).neg(),
                _ => throw Refuse($"there is no metric {Metric}"),
            };
        });
    }
}

/// <summary>How <see cref="She"/> compares a feature with its class's pattern.</summary>
public enum SheMetric
{
    /// <summary>⟨f, s⟩.</summary>
    InnerProduct,

    /// <summary>⟨f, s⟩ / (‖f‖ ‖s‖); 0 where one of them is zero.</summary>
    Cosine,

    /// <summary>−‖f − s‖.</summary>
    Euclidean,
}
