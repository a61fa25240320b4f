using static TorchSharp.torch;

namespace Sio.Detection.Detectors;

/// <summary>
/// Energy of logits scaled by how much the largest features make up, where how many count as largest depends on the image: log Σ_c e^(z_c · r²), z = W f + b, with r, and all that
/// it is made of, as in <see cref="AdaScaleA"/>. Regmi 2025, "AdaSCALE: Adaptive Scaling for OOD Detection", AdaSCALE-L.
/// </summary>
/// <remarks>
/// Fitted on all validation images; k, k₁ and k₂ are at least 1. Where no feature is positive the factor is 1. Two forward passes and one backward pass per batch, also to fit.
/// </remarks>
[CatalogEntry("adascale_l", "energy of logits scaled the more, the less a harmless change moves the features", Paper = "Regmi 2025")]
public sealed class AdaScaleL : AdaptiveScaling
{
    private protected override Tensor Scaled(Tensor features, Tensor ratio, Tensor none, Tensor weight, Tensor bias) =>
        nn.functional.linear(features, weight, bias) * ratio.square().masked_fill(none, 1);
}
