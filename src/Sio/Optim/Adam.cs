using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Optim;

/// <summary>
/// Adam (Kingma &amp; Ba 2015, algorithm 1) and, with decoupled decay, AdamW (Loshchilov &amp; Hutter 2019, algorithm 2), in PyTorch's form:
/// w ← w − lr/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε).
/// </summary>
public sealed class Adam : Optimizer
{
    private readonly double _beta1;
    private readonly double _beta2;
    private readonly double _eps;
    private readonly bool _decoupled;

    /// <summary>Makes the optimiser.</summary>
    /// <param name="groups">What to train, with its weight decay.</param>
    /// <param name="learningRate">lr of the first step.</param>
    /// <param name="beta1">Decay of the mean m, in [0, 1).</param>
    /// <param name="beta2">Decay of the mean square v, in [0, 1).</param>
    /// <param name="eps">ε, added to the root.</param>
    /// <param name="decoupled">Whether weights decay by lr·λ beside the step (AdamW), not through the gradient (Adam).</param>
    public Adam(
        IReadOnlyList<ParameterGroup> groups, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
        bool decoupled = false)
        : base(groups, learningRate)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(beta1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(beta1, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(beta2);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(beta2, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(eps);
        _beta1 = beta1;
        _beta2 = beta2;
        _eps = eps;
        _decoupled = decoupled;
    }

    /// <inheritdoc/>
    protected override void Update(IReadOnlyList<Active> active, double learningRate, double weightDecay)
    {
        ArgumentNullException.ThrowIfNull(active);
        foreach (var entry in active)
            Update(entry, learningRate, weightDecay);
    }

    private void Update(Active entry, double learningRate, double weightDecay)
    {
        var (parameter, gradient, state) = (entry.Parameter, entry.Gradient, entry.State);
        var mean = state.TryGetValue("exp_avg", out var m) ? m : Set(state, "exp_avg", parameter.zeros_like());
        var square = state.TryGetValue("exp_avg_sq", out var v) ? v : Set(state, "exp_avg_sq", parameter.zeros_like());
        // A parameter may start later than others (no gradient at first), so it counts its own steps.
        var count = state.TryGetValue("step", out var t) ? t : Set(state, "step", torch.zeros([], dtype: ScalarType.Float64));
        count.add_(Scalars.One);
        var step = count.item<double>();

        // Numbers as operators take them, freed here: those that C# makes by itself wait for a finaliser.
        using Scalar decay = weightDecay, keep = 1 - (learningRate * weightDecay), beta1 = _beta1, beta2 = _beta2, eps = _eps;
        using Scalar fresh1 = 1 - _beta1, fresh2 = 1 - _beta2;
        using Scalar correction = Math.Sqrt(1 - Math.Pow(_beta2, step)), change = -learningRate / (1 - Math.Pow(_beta1, step));
        if (_decoupled && weightDecay != 0)
            parameter.mul_(keep);
        else if (weightDecay != 0)
            gradient = gradient.add(parameter, decay);
        mean.mul_(beta1).add_(gradient, fresh1);
        square.mul_(beta2).addcmul_(gradient, gradient, fresh2);
        var denominator = square.sqrt().div_(correction).add_(eps);
        parameter.addcdiv_(mean, denominator, change);
    }
}
