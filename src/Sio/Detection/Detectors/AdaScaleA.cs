using static TorchSharp.torch;

namespace Sio.Detection.Detectors;

/// <summary>
/// Energy of features scaled by how much their largest make up, where how many count as largest depends on the image: log Σ_c e^(z'_c), z' = W (f · e^r) + b,
/// r = Σ max(f, 0) / Σ of the k largest max(f, 0), k = D − D·p/100 rounded half to even. p = p_min + (1 − F(Q'))·(p_max − p_min), F the empirical distribution of Q' on the
/// validation images, and Q' = λ·Q + C_o says how much the image is moved by a change that should not matter: its least important pixel values, the share o with the smallest
/// gradient of the predicted logit, go by ε along that gradient's sign, which turns f into f'; Q = Σ |f − f'| over the k₂ largest features, C_o = Σ max(f', 0) over the k₁
/// largest. Regmi 2025, "AdaSCALE: Adaptive Scaling for OOD Detection", AdaSCALE-A; ε, which is 0.5, and the default values are those of the author's code in OpenOOD 1.5.
/// </summary>
/// <remarks>
/// Fitted on all validation images (the peer draws 5,000 of them at random). k, k₁ and k₂ are at least 1: 1 % of 64 features would be none, and Q then always 0. Where no
/// feature is positive the factor is 1; the exponent is at most 80. Two forward passes and one backward pass per batch, also to fit.
/// </remarks>
[CatalogEntry("adascale_a", "energy of features scaled the more, the less a harmless change moves them", Paper = "Regmi 2025")]
public sealed class AdaScaleA : AdaptiveScaling
{
    private protected override Tensor Scaled(Tensor features, Tensor ratio, Tensor none, Tensor weight, Tensor bias) =>
        nn.functional.linear((features * ratio.exp().masked_fill(none, 1)), weight, bias);
}
