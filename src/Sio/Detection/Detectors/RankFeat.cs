using Sio.Engine;
using static TorchSharp.torch;

namespace Sio.Detection.Detectors;

/// <summary>
/// Energy of the logits without the strongest direction of the feature maps: T · log Σ_c e^(z_c / T), z the mean of the logits from the last stage's map and from
/// the map of the stage before, each less its leading singular component s₁u₁v₁ᵀ (channels × positions). Song, Sebe and Wang 2022, "RankFeat: Rank-1 Feature
/// Removal for Out-of-distribution Detection", eq. 2 and 3, and its fusion of two blocks at the logits.
/// </summary>
/// <remarks>
/// Exact: v₁ is the leading eigenvector of MᵀM (or u₁ that of MMᵀ, whichever is smaller), in float64, and the component is M v₁ v₁ᵀ. A map of zeros stays as it is.
/// </remarks>
[CatalogEntry("rankfeat", "energy after the leading singular component of two feature maps is removed", Paper = "Song, Sebe & Wang 2022")]
public sealed class RankFeat : Detector
{
    /// <summary>T, above 0 and finite.</summary>
    [Describe("Temperature T, above 0.")]
    public double Temperature { get; init; } = 1;

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.FeatureMaps;

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        if (!(Temperature > 0 && double.IsFinite(Temperature)))
            throw Refuse($"the temperature is {Temperature}, a finite number above 0 is needed");
        var model = bank.Images!.Model;
        return BankPasses.Score(bank, images =>
        {
            var maps = model.FeatureMaps(images) ?? throw Refuse($"the network of {bank.Name} offers no feature maps");
            var last = maps.Count - 1;
            if (last < 1)
                throw Refuse($"the network has {maps.Count} stage, two are needed");
            var logits = model.LogitsFromStage(last, WithoutLeading(maps[last])) + model.LogitsFromStage(last - 1, WithoutLeading(maps[last - 1]));
            return ((logits.to(ScalarType.Float64) / (2 * Temperature)).logsumexp(1) * Temperature).to(ScalarType.Float32).ToArray<float>();
        });
    }

    private static Tensor WithoutLeading(Tensor map)
    {
        var matrix = map.flatten(2).to(ScalarType.Float64);
        var transposed = matrix.transpose(1, 2);
        var wide = matrix.size(1) <= matrix.size(2);
        var gram = wide ? matrix.bmm(transposed) : transposed.bmm(matrix);
        // Eigenvalues ascend, so the leading vector is the last column.
        var vectors = linalg.eigh(gram).Item2;
        var leading = vectors.narrow(2, vectors.size(2) - 1, 1);
        var row = leading.transpose(1, 2);
        var component = wide
            ? leading.bmm(row.bmm(matrix))
            : matrix.bmm(leading).bmm(row);
        return (matrix - component).to(map.dtype).reshape(map.shape);
    }
}
