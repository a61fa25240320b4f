using System.ComponentModel.DataAnnotations;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection.Detectors;

/// <summary>
/// Energy less a virtual logit: log Σ_c e^(z_c) − α·‖Nᵀ(f − u)‖, where u = −W⁺b, N are the eigenvectors of E[(f − u)(f − u)ᵀ] over the training images
/// after the <see cref="Dim"/> largest, and α = mean(max_c z_c) / mean(‖Nᵀ(f − u)‖) over the training images.
/// Wang et al. 2022, "ViM: Out-Of-Distribution with Virtual-logit Matching", sections 4.1 and 4.2.
/// </summary>
/// <remarks>
/// <see cref="Dim"/> left open is 42, the peers' default, for feature sizes D of at least 63, and D/2 below. The paper's rule of thumb for large
/// networks is 1000 for D ≥ 1500, 512 for D ≥ 768.
/// </remarks>
[CatalogEntry("vim", "energy less the scaled part of the feature outside the principal subspace", Paper = "Wang et al. 2022")]
public sealed class Vim : Detector
{
    private const string Alpha = "alpha";

    /// <summary>Number of principal directions, below the feature size; null chooses by the feature size.</summary>
    [Describe("Number of principal directions, below the feature size D. Left open: 42 for D of at least 63, else D/2.")]
    [Range(0, int.MaxValue)]
    [Grid(256, 1000)]
    public int? Dim { get; init; }

    /// <inheritdoc/>
    public override DetectorNeeds Needs => DetectorNeeds.Features | DetectorNeeds.Logits | DetectorNeeds.TrainingSet | DetectorNeeds.Head;

    /// <inheritdoc/>
    protected override void FitCore(DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        var (train, size) = (fit.Train!, fit.HeadWeight.size(1));
        var dimension = Dim ?? PrincipalSubspace.DefaultDimension(size);
        if (dimension < 0 || dimension >= size)
            throw Refuse($"dim = {dimension} must be from 0 to {size - 1}, since features have {size} dimensions");
        if (train.Count == 0)
            throw Refuse($"there are no images to fit on");
        PrincipalSubspace.Fit(State, fit, train, dimension);

        // Rounding leaves a residual even where there is none.
        var residual = PrincipalSubspace.ResidualNorms(State, train).Average();
        var length = linalg.vector_norm(train.Features, dims: [1]).to(ScalarType.Float64).mean().ToDouble();
        if (!(residual > 1e-7 * length))
            throw Refuse($"the training features lie within {dimension} directions, which leaves no residual to scale; choose a smaller dim");
        State.Keep(Alpha, train.Logits.amax([1]).to(ScalarType.Float64).mean().ToDouble() / residual);
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(FeatureBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        var energies = bank.Logits.to(ScalarType.Float64).logsumexp(1).ToArray<double>();
        var (norms, alpha) = (PrincipalSubspace.ResidualNorms(State, bank), State.Number(Alpha));
        return [.. energies.Zip(norms, (energy, norm) => (float)(energy - (alpha * norm)))];
    }
}
