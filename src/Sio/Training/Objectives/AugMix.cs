using System.ComponentModel.DataAnnotations;
using Sio.Data;
using Sio.Data.Transforms;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Training.Objectives;

/// <summary>
/// AugMix (Hendrycks et al. 2020, "AugMix: A Simple Data Processing Method to Improve Robustness and Uncertainty", eq. 1 and 2): CE(z, y) on the image itself + λ·JS(p; p₁; p₂), the
/// Jensen–Shannon divergence between its softmax and those of two views mixed of chains of random operations (<see cref="AugMixTransform"/>):
/// ⅓·Σ_v KL(p_v ‖ M) with M = ⅓·Σ_v p_v, which is 10⁻⁷ at least in the logarithm. Without JSD, cross-entropy on one such view alone. λ = 12, a severity of 3, three chains of random
/// depth, α = 1 and nine operations are the authors'. OpenOOD has a severity of 1 and all thirteen operations.
/// </summary>
[CatalogEntry("augmix", "AugMix: the softmax is to stay the same under mixed chains of operations", Paper = "Hendrycks et al. 2020")]
[DefaultsFrom("the authors' code")]
public sealed class AugMix : Objective
{
    private const double Least = 1e-7;

    /// <summary>JSD.</summary>
    [Describe("Whether two further views are held to the image's own softmax; without, one mixed view is learnt like any image.")]
    public bool Jsd { get; init; } = true;

    /// <summary>λ.</summary>
    [Describe("Weight lambda of the Jensen-Shannon divergence.")]
    [Range(0.0, 1e6)]
    public double Lambda { get; init; } = 12;

    /// <summary>Severity.</summary>
    [Describe("Severity of the operations, 1 to 10.")]
    [Range(1, 10)]
    public int Severity { get; init; } = 3;

    /// <summary>Chains.</summary>
    [Describe("Chains of operations that a view is mixed of.")]
    [Range(1, 100)]
    public int MixtureWidth { get; init; } = 3;

    /// <summary>Depth.</summary>
    [Describe("Operations per chain; -1 draws 1, 2 or 3 for each.")]
    [Range(-1, 100)]
    public int ChainDepth { get; init; } = -1;

    /// <summary>α.</summary>
    [Describe("Parameter alpha of the chains' Dirichlet and the view's Beta distribution.")]
    [Range(1e-3, 1e4)]
    public double Alpha { get; init; } = 1;

    /// <summary>All operations.</summary>
    [Describe("Whether color, contrast, brightness and sharpness are among the operations; they are like some of the corruptions that robustness is measured with.")]
    public bool AllOps { get; init; }

    /// <inheritdoc/>
    public override int ExtraViews => Jsd ? 2 : 0;

    /// <inheritdoc/>
    public override ImageTransform? CreateTransform(int view, ImageSet real) =>
        Jsd && view == 0 ? null : new AugMixTransform(Severity, MixtureWidth, ChainDepth, Alpha, AllOps);

    /// <inheritdoc/>
    protected override ObjectiveLoss LossCore(ObjectiveStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (!Jsd)
        {
            var mixed = step.Logits(step.Features());
            return new ObjectiveLoss(step.CrossEntropy(mixed, step.Labels), mixed);
        }

        var logits = step.Logits(step.Features(torch.cat([step.Images, .. step.Views])));
        var plain = step.CrossEntropy(logits.narrow(0, 0, step.Count), step.Labels);
        var divergence = step.Mean(Divergence([.. Enumerable.Range(0, 3).Select(view => logits.narrow(0, view * step.Count, step.Count))]));
        return new ObjectiveLoss(plain + (divergence * Lambda), logits) { Parts = [("cross_entropy", plain), ("divergence", divergence)] };
    }

    /// <summary>Jensen–Shannon divergence of each image's softmaxes, [N], in nats, of the views' logits [N,C].</summary>
    internal static Tensor Divergence(IReadOnlyList<Tensor> views)
    {
        Tensor[] logs = [.. views.Select(view => view.log_softmax(1))], shares = [.. logs.Select(log => log.exp())];
        var mean = shares.Aggregate((sum, next) => sum + next) / shares.Length;
        var logMean = mean.clamp(Least, 1.0).log();
        return logs.Zip(shares, (log, share) => (share * (log - logMean)).sum(1)).Aggregate((sum, next) => sum + next) / shares.Length;
    }
}
