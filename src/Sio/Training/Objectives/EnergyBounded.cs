using System.ComponentModel.DataAnnotations;
using static TorchSharp.torch;

namespace Sio.Training.Objectives;

/// <summary>
/// Energy-bounded learning (Liu et al. 2020, "Energy-based Out-of-distribution Detection", section 3.3): cross-entropy + λ·(mean of max(0, E(x) − m_in)² over the batch + mean of
/// max(0, m_out − E(u))² over auxiliary images u), with the energy E = −log Σ e^z. Made for fine-tuning a trained network (<c>network.init</c>): the authors take 10 epochs from a
/// learning rate of 0.001 on. λ = 0.1, m_in = −23 and m_out = −5 are theirs for CIFAR-10 (m_in = −27 for CIFAR-100), 256 auxiliary images per batch, too.
/// </summary>
/// <remarks>
/// The bounds are on the scale of a network's logits: with other networks and data, choose m_in below the mean energy of training images and m_out above that of auxiliary ones. The detector <c>ebo</c> is its score. In batches of two sources both count in the first mean, by the recipe's weights.
/// </remarks>
[CatalogEntry("energy_bounded", "energy of training images below a bound, of auxiliary ones above another: for fine-tuning", Paper = "Liu et al. 2020")]
[DefaultsFrom("paper and its code, for CIFAR-10")]
public sealed class EnergyBounded : Objective
{
    /// <summary>λ.</summary>
    [Describe("Weight lambda of both hinges.")]
    [Range(0.0, 1e6)]
    public double Weight { get; init; } = 0.1;

    /// <summary>m_in.</summary>
    [Describe("m_in: training images whose energy is above it are penalised.")]
    [Range(-1e6, 1e6)]
    public double InnerBound { get; init; } = -23;

    /// <summary>m_out.</summary>
    [Describe("m_out: auxiliary images whose energy is below it are penalised.")]
    [Range(-1e6, 1e6)]
    public double OuterBound { get; init; } = -5;

    /// <summary>Auxiliary batch.</summary>
    [Describe("Auxiliary images per batch.")]
    [Range(1, 1_000_000)]
    public int AuxiliaryBatchSize { get; init; } = 256;

    /// <inheritdoc/>
    public override int AuxiliaryPerBatch => AuxiliaryBatchSize;

    /// <inheritdoc/>
    public override string OwnDetector => "ebo";

    /// <inheritdoc/>
    protected override ObjectiveLoss LossCore(ObjectiveStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var logits = step.Logits(step.Features(step.Images, step.Auxiliary));
        var (own, auxiliary) = (logits.narrow(0, 0, step.Count), logits.narrow(0, step.Count, logits.size(0) - step.Count));
        var classes = step.CrossEntropy(own, step.Labels);
        var (inner, outer) = (step.Mean(Above(Energy(own), InnerBound)), Above(-Energy(auxiliary), -OuterBound).mean());
        return new ObjectiveLoss(classes + ((inner + outer) * Weight), own) { Parts = [("cross_entropy", classes), ("inner_hinge", inner), ("outer_hinge", outer)] };
    }

    /// <summary>−log Σ e^z, [N,C] → [N].</summary>
    private static Tensor Energy(Tensor logits) => -logits.logsumexp(1);

    /// <summary>max(0, v − bound)², element by element.</summary>
    private static Tensor Above(Tensor values, double bound) => (values - bound).relu().square();
}
