using Sio.Engine;
using static TorchSharp.torch;

namespace Sio.Detection.Detectors;

/// <summary>
/// Distance to the k-th nearest training feature: −‖f̂ − f̂₍ₖ₎‖², features f̂ = f/‖f‖ + 1e-10. Sun et al. 2022, "Out-of-Distribution Detection with
/// Deep Nearest Neighbors", section 4; the square and the constant are OpenOOD's and do not change the order of scores.
/// An image whose features are all zero keeps them so.
/// </summary>
/// <remarks>
/// Exact: ‖q − b‖² = ‖q‖² − 2·(qᵀb − ‖b‖²/2), so the nearest have the largest <see cref="LargestProducts"/>. A training set of 2 GiB and more, which may be
/// larger than memory, is not copied but normalised block by block as it is looked through.
/// </remarks>
[CatalogEntry("knn", "distance to the k-th nearest training feature", Paper = "Sun et al. 2022")]
public sealed class Knn : Detector
{
    private const string Bank = "bank";
    private const string Offsets = "offsets";
    private const string Features = "features";

    /// <summary>k, at least 1 and at most the number of training images.</summary>
    [Describe("Which neighbour's distance is the score; at most the number of training images.")]
    [Grid(50, 100, 200, 500, 1000)]
    public int K { get; init; } = 50;

    /// <summary>Training sets of so many bytes and more are not copied.</summary>
    internal long CopiedBelow { get; init; } = LargestProducts.CopiedBelow;

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Features | DetectorNeeds.TrainingSet;

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (K < 1 || K > fit.Train!.Count)
            throw Refuse($"k = {K} needs at least {K} images to fit on and must be positive; there are {fit.Train!.Count}");
        var features = fit.Train.Features;
        if (features.numel() * sizeof(float) >= CopiedBelow)
        {
            // Shares the features' memory, or the mapping of their file, for as long as this detector needs it.
            State.Keep(Features, features.alias());
            return;
        }

        var bank = State.Keep(Bank, LargestProducts.Normalize(features));
        State.Keep(Offsets, HalfSquares(bank));
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        var scores = new float[bank.Count];
        if (State.Tensors.TryGetValue(Features, out var features))
        {
            LargestProducts.Stream(bank.Features, features.size(0), Rows, K, (start, queries, best) => Score(queries, best, scores.AsSpan(start)));
            return scores;
        }

        for (var start = 0; start < scores.Length; start += LargestProducts.QueryBlock)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(LargestProducts.QueryBlock, scores.Length - start);
            var query = LargestProducts.Normalize(bank.Features.narrow(0, start, count));
            var best = LargestProducts.Of(query, State.Tensor(Bank), State.Tensor(Offsets), K);
            Score(query, best, scores.AsSpan(start));
        }

        return scores;

        (Tensor, Tensor?) Rows(long start, long count)
        {
            var rows = LargestProducts.Normalize(features.narrow(0, start, count));
            return (rows, HalfSquares(rows));
        }
    }

    private static Tensor HalfSquares(Tensor rows) => rows.square().sum(1) * -0.5;

    private void Score(Tensor queries, float[] best, Span<float> scores)
    {
        using var scope = NewDisposeScope();
        var squares = queries.square().sum(1).AsSpan<float>();
        for (var i = 0; i < squares.Length; i++)
            scores[i] = -Math.Max(0, squares[i] - (2 * best[i * K]));
    }
}
