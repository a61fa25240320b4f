using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Optim;

/// <summary>
/// Stochastic gradient descent with momentum and Nesterov's method as PyTorch has them (Sutskever et al. 2013): d = g + λp, b ← μb + d,
/// p ← p − lr · b, or with Nesterov p ← p − lr · (d + μb). The first step sets b to d.
/// </summary>
/// <remarks>
/// One fused operator changes all parameters. TorchSharp's SGD calls up to five per parameter, and leaves a native scalar of each to a finaliser; a step of
/// ResNet-18 took it about 10 ms longer.
/// </remarks>
public sealed class Sgd : Optimizer
{
    private const string Buffer = "momentum_buffer";

    private readonly double _momentum;
    private readonly bool _nesterov;

    /// <summary>Takes groups of parameters.</summary>
    /// <param name="groups">With their weight decay.</param>
    /// <param name="learningRate">First learning rate.</param>
    /// <param name="momentum">μ; 0 for none.</param>
    /// <param name="nesterov">Nesterov's method; needs momentum.</param>
    /// <exception cref="ArgumentException">Nesterov without momentum.</exception>
    public Sgd(IReadOnlyList<ParameterGroup> groups, double learningRate, double momentum = 0, bool nesterov = false)
        : base(groups, learningRate)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(momentum);
        if (nesterov && momentum == 0)
            throw new ArgumentException("Nesterov's method needs momentum", nameof(nesterov));
        _momentum = momentum;
        _nesterov = nesterov;
    }

    /// <summary>Takes parameters that share all settings.</summary>
    /// <param name="parameters">The tensors to train.</param>
    /// <param name="learningRate">First learning rate.</param>
    /// <param name="momentum">μ; 0 for none.</param>
    /// <param name="weightDecay">λ.</param>
    /// <param name="nesterov">Nesterov's method; needs momentum.</param>
    public Sgd(IEnumerable<Tensor> parameters, double learningRate, double momentum = 0, double weightDecay = 0, bool nesterov = false)
        : this([new ParameterGroup([.. parameters], weightDecay)], learningRate, momentum, nesterov)
    {
    }

    /// <inheritdoc/>
    protected override void Update(IReadOnlyList<Active> active, double learningRate, double weightDecay)
    {
        ArgumentNullException.ThrowIfNull(active);
        if (_momentum == 0)
        {
            Apply(active, [], learningRate, weightDecay, first: false);
            return;
        }

        // A parameter may have its first gradient later than others.
        var started = active.ToLookup(entry => entry.State.ContainsKey(Buffer));
        foreach (var group in started)
        {
            Active[] entries = [.. group];
            Tensor[] buffers = [.. entries.Select(entry => group.Key ? entry.State[Buffer] : Set(entry.State, Buffer, entry.Parameter.empty_like()))];
            Apply(entries, buffers, learningRate, weightDecay, first: !group.Key);
        }
    }

    private void Apply(IReadOnlyList<Active> active, Tensor[] buffers, double learningRate, double weightDecay, bool first)
    {
        Tensor[] parameters = [.. active.Select(entry => entry.Parameter)];
        Tensor[] gradients = [.. active.Select(entry => InOrderOf(entry.Parameter, entry.Gradient))];
        if (DispatchedOperators.TrySgd(parameters, gradients, buffers, weightDecay, _momentum, learningRate, _nesterov, first))
            return;
        using Scalar decay = weightDecay, momentum = _momentum, step = -learningRate;
        for (var i = 0; i < parameters.Length; i++)
        {
            var change = weightDecay == 0 ? gradients[i] : gradients[i].add(parameters[i], decay);
            if (buffers.Length > 0)
            {
                if (first)
                    buffers[i].copy_(change);
                else
                    buffers[i].mul_(momentum).add_(change, Scalars.One);
                change = _nesterov ? change.add(buffers[i], momentum) : buffers[i];
            }

            parameters[i].add_(change, step);
        }
    }

    // The fused operator walks through all three as they lie in memory.
    private static Tensor InOrderOf(Tensor parameter, Tensor gradient) =>
        (parameter.is_contiguous() && gradient.is_contiguous()) || parameter.stride().AsSpan().SequenceEqual(gradient.stride())
            ? gradient
            : parameter.empty_like().copy_(gradient);
}
