using Sio.Torch;

namespace Sio.Detection.Detectors;

/// <summary>
/// Distance to the k-th nearest training feature: −‖f̂ − f̂₍ₖ₎‖², features f̂ = f/‖f‖ + 1e-10. Sun et al. 2022, "Out-of-Distribution Detection with
/// Deep Nearest Neighbors", section 4; the square and the constant are OpenOOD's and do not change the order of scores.
/// An image whose features are all zero keeps them so.
/// </summary>
/// <remarks>Exact. Squared distances come from blocked matrix products, so memory is block × block, never N × N.</remarks>
[CatalogEntry("knn", "distance to the k-th nearest training feature", Paper = "Sun et al. 2022")]
public sealed class Knn : Detector
{
    private const int QueryBlock = 1024;
    private const int BankBlock = 16384;
    private const double Offset = 1e-10;

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
        var bank = State.Keep("bank", Normalize(fit.Train.Features));
        State.Keep("squared_norms", bank.Square().Sum(1));
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        var scores = new float[bank.Count];
        for (var start = 0; start < scores.Length; start += QueryBlock)
        {
            using var scope = new TensorScope();
            var count = Math.Min(QueryBlock, scores.Length - start);
            var query = Normalize(bank.Features.Narrow(0, start, count));
            KthDistance(query).Neg().CopyTo<float>(scores.AsSpan(start, count));
        }

        return scores;
    }

    private static Tensor Normalize(Tensor features)
    {
        var norm = features.Norm(1, keepDim: true);
        return features.Div(norm.MaskedFill(norm.Eq(0), 1)) + Offset;
    }

    // ‖q − b‖² = ‖q‖² − 2qᵀb + ‖b‖², keeping the k smallest of each block and of the blocks so far.
    private Tensor KthDistance(Tensor query)
    {
        var (bank, norms) = (State.Tensor("bank"), State.Tensor("squared_norms"));
        var total = bank.Size(0);
        Tensor? nearest = null;
        for (long start = 0; start < total; start += BankBlock)
        {
            using var scope = new TensorScope();
            var count = Math.Min(BankBlock, total - start);
            var block = norms.Narrow(0, start, count).AddMm(query, bank.Narrow(0, start, count).Transpose(0, 1), alpha: -2);
            var smallest = block.TopK(Math.Min(K, count), 1, largest: false).Values;
            if (nearest is not null)
            {
                var merged = Tensor.Cat([nearest, smallest], 1);
                smallest = merged.TopK(Math.Min(K, merged.Size(1)), 1, largest: false).Values;
            }

            nearest = scope.Keep(smallest);
        }

        return (nearest!.Select(1, K - 1) + query.Square().Sum(1)).Clamp(min: 0);
    }
}
