using System.ComponentModel.DataAnnotations;

namespace Sio.Detection.Detectors;

/// <summary>Which in-distribution images <see cref="Residual"/> is fitted on.</summary>
public enum ResidualFitSet
{
    /// <summary>The training images, as the paper has it.</summary>
    Train,

    /// <summary>The validation images, as OpenOOD's code has it.</summary>
    Validation,
}

/// <summary>
/// Length of the feature outside the principal subspace: −‖Nᵀ(f − u)‖, with u and N as in <see cref="Vim"/>. Wang et al. 2022, "ViM: Out-Of-Distribution with
/// Virtual-logit Matching", section 4.1, there the "Residual" baseline.
/// </summary>
/// <remarks>
/// OpenOOD fits it on the validation images: they are fewer, and spent again when hyper-parameters are chosen on them. <c>fit_on=validation</c>
/// gives its scores.
/// </remarks>
[CatalogEntry("residual", "length of the feature outside the principal subspace", Paper = "Wang et al. 2022")]
public sealed class Residual : Detector
{
    /// <summary>Number of principal directions, below the feature size; null chooses by the feature size.</summary>
    [Describe("Number of principal directions, below the feature size D. Left open: 42 for D of at least 63, else D/2.")]
    [Range(0, int.MaxValue)]
    public int? Dim { get; init; }

    /// <summary>Which images to fit on.</summary>
    [Describe("Images to fit on: train, as in the paper, or validation, as OpenOOD does.")]
    public ResidualFitSet FitOn { get; init; } = ResidualFitSet.Train;

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Features | DetectorNeeds.Head
        | (FitOn == ResidualFitSet.Train ? DetectorNeeds.TrainingSet : DetectorNeeds.ValidationSet);

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        var (bank, size) = (FitOn == ResidualFitSet.Train ? fit.Train! : fit.Validation!, fit.HeadWeight.size(1));
        var dimension = Dim ?? PrincipalSubspace.DefaultDimension(size);
        if (dimension < 0 || dimension >= size)
            throw Refuse($"dim = {dimension} must be from 0 to {size - 1}, since features have {size} dimensions");
        if (bank.Count == 0)
            throw Refuse($"there are no images to fit on");
        PrincipalSubspace.Fit(State, fit, bank, dimension);
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        return Array.ConvertAll(PrincipalSubspace.ResidualNorms(State, bank), norm => (float)-norm);
    }
}
