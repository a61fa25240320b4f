using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Sio.Networks;
using static TorchSharp.torch;

namespace Sio.Training.Objectives;

/// <summary>
/// T2FNorm (Regmi et al. 2024, "T2FNorm: Train-time Feature Normalization for OOD Detection in Image Classification"): cross-entropy of W f/(‖f‖₂·τ) + b in training; afterwards logits are
/// W f/τ + b, without normalisation, so that the features' length, which training left free, speaks for itself. τ = 0.1 is the paper's and OpenOOD's.
/// </summary>
/// <remarks>
/// The network's last layer holds V = W/τ, and logits after training are V f + b: detectors that need a linear last layer have one. Its initial weights are divided by τ, and its gradient by τ²,
/// which takes V through training as W/τ would go (SGD with momentum and weight decay): nothing but the place of τ differs from the paper. <c>training.clip_norm</c> measures
/// the gradient as it arrives, which for this layer is 1/τ times that of the paper's W: clipping differs. Weights that <c>network.init</c>
/// names are
/// divided likewise; those of a run of this method have been, by that run's τ, which their file says. A feature that is zero throughout
/// stays zero.
/// </remarks>
[CatalogEntry("t2fnorm", "T2FNorm: features of constant length in training alone", Paper = "Regmi et al. 2024")]
[DefaultsFrom("paper and OpenOOD")]
public sealed class T2FNorm : Objective
{
    private const double SmallestNorm = 1e-12;
    private const string TauKey = "t2fnorm_tau";

    /// <summary>τ.</summary>
    [Describe("Temperature tau: normalised features have the length 1/tau.")]
    [Range(1e-3, 1e3)]
    public double Tau { get; init; } = 0.1;

    internal override IReadOnlyDictionary<string, string> Remarks => new Dictionary<string, string> { [TauKey] = Tau.ToString("R", CultureInfo.InvariantCulture) };

    internal override void Started(Classifier network, IReadOnlyDictionary<string, string> remarks)
    {
        var before = remarks.TryGetValue(TauKey, out var text) && double.TryParse(text, CultureInfo.InvariantCulture, out var tau) && tau > 0 ? tau : 1;
        using var noGrad = no_grad();
        network.Head.weight.mul_(before / Tau);
    }

    /// <inheritdoc/>
    protected override void AttachCore(Classifier network, Generator? generator)
    {
        ArgumentNullException.ThrowIfNull(network);
        using var noGrad = no_grad();
        network.Head.weight.div_(Tau);
    }

    /// <inheritdoc/>
    protected override ObjectiveLoss LossCore(ObjectiveStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var features = step.Features();
        var logits = nn.functional.linear(Directions(features), Slowed(step.Network.Head.weight), step.Network.Head.bias);
        return new ObjectiveLoss(step.CrossEntropy(logits, step.Labels), logits);
    }

    /// <summary>Rows of length 1, [N,D] → [N,D].</summary>
    internal static Tensor Directions(Tensor features) => features / linalg.vector_norm(features, dims: [1], keepdim: true).clamp(min: SmallestNorm);

    /// <summary>The same values, 1/τ² of whose gradient arrives: the value itself and a zero that has the rest of the gradient.</summary>
    internal Tensor Slowed(Tensor weight) => weight + ((weight - weight.detach()) * ((1 / (Tau * Tau)) - 1));
}
