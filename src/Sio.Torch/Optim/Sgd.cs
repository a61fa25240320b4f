namespace Sio.Torch.Optim;

/// <summary>
/// Stochastic gradient descent with (Nesterov) momentum, in PyTorch's form: g ← g + λw; v ← μv + (1 − dampening)g, v = g at first;
/// w ← w − lr·(g + μv) with Nesterov, else w − lr·v (Sutskever et al. 2013, as <c>torch.optim.SGD</c> computes it).
/// </summary>
public sealed class Sgd : Optimizer
{
    private const string Buffer = "momentum_buffer";

    private readonly double _momentum;
    private readonly bool _nesterov;

    /// <summary>Makes the optimiser.</summary>
    /// <param name="groups">What to train, with its weight decay λ.</param>
    /// <param name="learningRate">lr of the first step.</param>
    /// <param name="momentum">μ, in [0, 1).</param>
    /// <param name="nesterov">Whether to look ahead; needs momentum.</param>
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

    /// <inheritdoc cref="Sgd(IReadOnlyList{ParameterGroup}, double, double, bool)"/>
    public Sgd(Tensor[] parameters, double learningRate, double momentum = 0, double weightDecay = 0, bool nesterov = false)
        : this([new ParameterGroup(parameters, weightDecay)], learningRate, momentum, nesterov)
    {
    }

    /// <inheritdoc/>
    protected override void Update(IReadOnlyList<Active> active, double learningRate, double weightDecay)
    {
        ArgumentNullException.ThrowIfNull(active);
        Tensor[] parameters = [.. active.Select(entry => entry.Parameter)];
        Tensor[] steps = [.. active.Select(entry => entry.Gradient)];
        if (weightDecay != 0)
            steps = Ops.ForeachAddList.CallList(steps, parameters, weightDecay);
        if (_momentum != 0)
            steps = Momentum(active, steps);
        Ops.ForeachAddList_.Run(parameters, steps, -learningRate);
    }

    private Tensor[] Momentum(IReadOnlyList<Active> active, Tensor[] gradients)
    {
        var buffers = new Tensor[active.Count];
        var running = new List<int>(active.Count);
        for (var i = 0; i < buffers.Length; i++)
        {
            var known = active[i].State.TryGetValue(Buffer, out var buffer);
            buffers[i] = known ? buffer! : Set(active[i].State, Buffer, gradients[i].Clone());
            if (known)
                running.Add(i);
        }

        if (running.Count > 0)
        {
            Tensor[] moving = [.. running.Select(i => buffers[i])];
            Tensor[] fresh = [.. running.Select(i => gradients[i])];
            Ops.ForeachMulScalar_.Run(moving, _momentum);
            Ops.ForeachAddList_.Run(moving, fresh, 1.0);
        }

        return _nesterov ? Ops.ForeachAddList.CallList(gradients, buffers, _momentum) : buffers;
    }
}
