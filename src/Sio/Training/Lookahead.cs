using Sio.Networks;
using Sio.Nn;
using static TorchSharp.torch;

namespace Sio.Training;

/// <summary>
/// Lookahead (Zhang, Lucas, Hinton &amp; Ba 2019, algorithm 1) as airbench runs it (Jordan 2024, section 3.4): every k steps the slow weights move towards the fast ones, slow ← α·slow + (1 − α)·fast, and the fast
/// ones start from there. α = decay^k·(s/total)³ rises with the step s, so that early on the fast weights are taken as they are. The last step ends with such a
/// move too, though fewer than k steps may lie behind it, which airbench would drop. Batch norm's running statistics move along with the weights.
/// </summary>
internal sealed class Lookahead : IDisposable
{
    private readonly int _every;
    private readonly double _decay;
    private readonly long _totalSteps;
    private readonly (string Name, Tensor Fast)[] _fast;
    private readonly Tensor[] _slow;

    /// <summary>Starts with a network's weights.</summary>
    /// <param name="every">k, at least 1.</param>
    /// <param name="decay">The decay per step, in [0, 1].</param>
    /// <param name="totalSteps">Steps of the whole training.</param>
    /// <param name="network">The network, which must live as long as this.</param>
    internal Lookahead(int every, double decay, long totalSteps, Classifier network)
    {
        (_every, _decay, _totalSteps) = (every, decay, totalSteps);
        _fast =
        [
            .. network.StateDict().Where(entry => is_floating_point(entry.Value.dtype)).Select(entry => ($"network.{entry.Name}", entry.Value)),

            // What a method collects, such as a queue of features, has no path on which to go half-way.
            .. network.Extension?.named_parameters().Select(entry => ($"objective.{entry.name}", (Tensor)entry.parameter)) ?? [],
        ];
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        _slow = [.. _fast.Select(entry => entry.Fast.detach().clone().DetachFromDisposeScope())];
    }

    /// <summary>The slow weights by name. Not copies.</summary>
    internal IEnumerable<(string Name, Tensor Value)> State => _fast.Zip(_slow, (fast, slow) => (fast.Name, slow));

    /// <summary>Goes on from saved slow weights.</summary>
    /// <exception cref="ArgumentException">They are another network's.</exception>
    internal void Load(IReadOnlyDictionary<string, Tensor> state)
    {
        using var noGrad = no_grad();
        foreach (var (name, slow) in State)
        {
            if (!state.TryGetValue(name, out var saved))
                throw new ArgumentException($"the slow weights of Lookahead lack {name}", nameof(state));
            slow.copy_(saved);
        }
    }

    /// <summary>Does what is to be done after a step.</summary>
    /// <param name="steps">Steps done, from 1.</param>
    internal void AfterStep(long steps)
    {
        if (steps % _every == 0 || steps == _totalSteps)
            Move(Math.Pow(_decay, _every) * Math.Pow((double)steps / _totalSteps, 3));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var slow in _slow)
            slow.Dispose();
    }

    private void Move(double alpha)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        ForeachLerp.Run(_slow, [.. _fast.Select(entry => entry.Fast)], alpha);
        foreach (var (fast, slow) in _fast.Zip(_slow))
            fast.Fast.copy_(slow);
    }
}
