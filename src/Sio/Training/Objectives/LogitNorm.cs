using System.ComponentModel.DataAnnotations;
using static TorchSharp.torch;

namespace Sio.Training.Objectives;

/// <summary>
/// LogitNorm (Wei et al. 2022, "Mitigating Neural Network Overconfidence with Logit Normalization", eq. 5): cross-entropy of z/((‖z‖₂ + 10⁻⁷)·τ), so that the loss cannot shrink by longer
/// logits alone. Detectors see the plain logits. τ = 0.04 is the paper's for CIFAR-10, and OpenOOD's and SIO's for both CIFAR sets.
/// </summary>
/// <remarks>
/// The gradient with respect to z is 1/(τ‖z‖₂) times that of cross-entropy, without its part along z: 25 times at τ = 0.04 where logits have the length 1, which a network without batch norm may not stand
/// at a learning rate of 0.1. It calms down as logits grow. A warm-up, <c>clip_norm</c> or a lower rate helps.
/// </remarks>
[CatalogEntry("logitnorm", "LogitNorm: cross-entropy of logits of constant length", Paper = "Wei et al. 2022")]
[DefaultsFrom("paper for CIFAR-10; OpenOOD and SIO for both CIFAR sets")]
public sealed class LogitNorm : Objective
{
    private const double Eps = 1e-7;

    /// <summary>τ.</summary>
    [Describe("Temperature tau.")]
    [Range(1e-6, 1e6)]
    public double Tau { get; init; } = 0.04;

    /// <inheritdoc/>
    protected override ObjectiveLoss LossCore(ObjectiveStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var logits = step.Logits(step.Features());
        return new ObjectiveLoss(step.CrossEntropy(Normalized(logits), step.Labels), logits);
    }

    /// <summary>z/((‖z‖₂ + 10⁻⁷)·τ), [N,C] → [N,C].</summary>
    internal Tensor Normalized(Tensor logits) => logits / (linalg.vector_norm(logits, dims: [1], keepdim: true) + Eps) / Tau;
}
