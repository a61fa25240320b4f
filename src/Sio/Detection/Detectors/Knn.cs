using Sio.Torch;

namespace Sio.Detection.Detectors;

/// <summary>
/// Distance to the k-th nearest training feature: −‖f̂ − f̂₍ₖ₎‖², features f̂ = f/‖f‖ + 1e-10. Sun et al. 2022, "Out-of-Distribution Detection with
/// Deep Nearest Neighbors", section 4; the square and the constant are OpenOOD's and do not change the order of scores.
/// An image whose features are all zero keeps them so.
/// </summary>
/// <remarks>Exact: ‖q − b‖² = ‖q‖² − 2·(qᵀb − ‖b‖²/2), so the nearest have the largest <see cref="LargestProducts"/>.</remarks>
[CatalogEntry("knn", "distance to the k-th nearest training feature", Paper = "Sun et al. 2022")]
public sealed class Knn : Detector
{
    /// <summary>k, at least 1 and at most the number of training images.</summary>
    [Describe("Which neighbour's distance is the score; at most the number of training images.")]
    [Grid(50, 100, 200, 500, 1000)]
    public int K { get; init; } = 50;

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Features | DetectorNeeds.TrainingSet;

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (K < 1 || K > fit.Train!.Count)
            throw Refuse($"k = {K} needs at least {K} images to fit on and must be positive; there are {fit.Train!.Count}");
        var bank = State.Keep("bank", LargestProducts.Normalize(fit.Train.Features));
        State.Keep("offsets", bank.Square().Sum(1) * -0.5);
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
            var query = LargestProducts.Normalize(bank.Features.Narrow(0, start, count));
            var best = LargestProducts.Of(query, State.Tensor("bank"), State.Tensor("offsets"), K);
            var squares = query.Square().Sum(1).AsSpan<float>();
            for (var i = 0; i < count; i++)
                scores[start + i] = -Math.Max(0, squares[i] - (2 * best[i * K]));
        }

        return scores;
    }
}
