using System.ComponentModel.DataAnnotations;
using static TorchSharp.torch;

namespace Sio.Detection.Detectors;

/// <summary>
/// Energy with the weights that contribute most: log Σ_c e^(z'_c), z' = (W∘M) f + b, where M keeps the weights whose mean contribution W_ci · μ_i over the
/// training set lies above a percentile of all of these, μ = mean feature. Sun &amp; Li 2022, "DICE: Leveraging Sparsification for Out-of-Distribution
/// Detection", section 3.
/// </summary>
/// <remarks>A product of matrices, [N,D] by [D,C]; the contribution of each weight to each image, [N,C,D], is never made.</remarks>
[CatalogEntry("dice", "energy with the weights that contribute most", Paper = "Sun & Li 2022")]
public sealed class Dice : Detector
{
    private const string Weight = "masked_weight";
    private const string Bias = "bias";

    /// <summary>Per cent of the weights that are left out, from 0 and below 100.</summary>
    [Describe("Percentile of all mean contributions up to which weights are left out.")]
    [Range(0.0, 100.0, MaximumIsExclusive = true)]
    [Grid(10, 30, 50, 70, 90)]
    public double P { get; init; } = 90;

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Features | DetectorNeeds.TrainingSet | DetectorNeeds.Head;

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (P is not (>= 0 and < 100))
            throw Refuse($"p is {P}, a number from 0 and below 100 is needed");
        var contributions = (fit.HeadWeight.to(ScalarType.Float64) * FeatureBlocks.Mean(fit.Train!)).to(ScalarType.Float32);
        var threshold = Percentiles.Of(contributions, P)[0];

        // Compared in float64: the threshold may lie between two floats, and must not be rounded to the upper one, which is to stay.
        var left = contributions.to(ScalarType.Float64).le(threshold);
        State.Keep(Weight, fit.HeadWeight.detach().masked_fill(left, 0));
        State.Keep(Bias, fit.HeadBias.detach().clone());
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank) =>
        ActivationShaping.Energies(bank, State.Tensor(Weight), State.Tensor(Bias), features => features);
}
