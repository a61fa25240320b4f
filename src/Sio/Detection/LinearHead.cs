using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>The network's last layer, for detectors that change features and look at the logits they give.</summary>
public static class LinearHead
{
    private const string Weight = "head_weight";
    private const string Bias = "head_bias";

    /// <summary>Keeps a copy of the last layer in a detector's state.</summary>
    public static void KeepHead(this FittedState state, DetectorFit fit)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(fit);
        state.Keep(Weight, fit.HeadWeight.detach().clone());
        state.Keep(Bias, fit.HeadBias.detach().clone());
    }

    /// <summary>Weight [C,D] of the kept layer.</summary>
    public static Tensor HeadWeight(this FittedState state) => (state ?? throw new ArgumentNullException(nameof(state))).Tensor(Weight);

    /// <summary>Bias [C] of the kept layer.</summary>
    public static Tensor HeadBias(this FittedState state) => (state ?? throw new ArgumentNullException(nameof(state))).Tensor(Bias);

    /// <summary>Logits [N,C] that the kept layer gives for features [N,D].</summary>
    public static Tensor Logits(this FittedState state, Tensor features)
    {
        ArgumentNullException.ThrowIfNull(features);
        return nn.functional.linear(features, state.HeadWeight(), state.HeadBias());
    }
}
