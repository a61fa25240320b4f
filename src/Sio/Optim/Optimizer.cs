using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Optim;

/// <summary>Parameters that share hyper-parameters.</summary>
/// <param name="Parameters">The tensors to train.</param>
/// <param name="WeightDecay">L2 penalty (SGD, Adam) or decoupled decay (AdamW).</param>
/// <param name="LearningRateScale">Factor on the optimiser's learning rate for this group.</param>
public sealed record ParameterGroup(Tensor[] Parameters, double WeightDecay = 0, double LearningRateScale = 1);

/// <summary>Changes parameters by their gradients. State is kept per parameter and can be saved and loaded.</summary>
public abstract class Optimizer : IDisposable
{
    private readonly Dictionary<string, Tensor>[] _states;

    /// <summary>Takes the parameters.</summary>
    /// <param name="groups">Parameter groups; a parameter in two of them is an error.</param>
    /// <param name="learningRate">First learning rate.</param>
    /// <exception cref="ArgumentException">No parameters, or one twice.</exception>
    protected Optimizer(IReadOnlyList<ParameterGroup> groups, double learningRate)
    {
        ArgumentNullException.ThrowIfNull(groups);
        Groups = groups;
        LearningRate = learningRate;
        var all = groups.SelectMany(group => group.Parameters).ToArray();
        if (all.Length == 0)
            throw new ArgumentException("an optimiser needs parameters", nameof(groups));
        if (all.Distinct(ReferenceEqualityComparer.Instance).Count() != all.Length)
            throw new ArgumentException("a parameter is in the optimiser twice", nameof(groups));
        _states = [.. all.Select(_ => new Dictionary<string, Tensor>(StringComparer.Ordinal))];
    }

    /// <summary>The parameter groups.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <summary>The learning rate of the next step, set by a schedule before each.</summary>
    public double LearningRate { get; set; }

    /// <summary>Steps taken.</summary>
    public long Steps { get; private set; }

    /// <summary>Forgets all gradients, so that backward starts from none.</summary>
    public void ZeroGrad()
    {
        foreach (var group in Groups)
        {
            foreach (var parameter in group.Parameters)
                parameter.grad = null;
        }
    }

    /// <summary>Changes each parameter that has a gradient.</summary>
    public void Step()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Steps++;
        var first = 0;
        foreach (var group in Groups)
        {
            var active = new List<Active>(group.Parameters.Length);
            for (var i = 0; i < group.Parameters.Length; i++)
            {
                if (group.Parameters[i].grad is { } gradient)
                    active.Add(new Active(group.Parameters[i], gradient, _states[first + i]));
            }

            first += group.Parameters.Length;
            if (active.Count > 0)
                Update(active, LearningRate * group.LearningRateScale, group.WeightDecay);
        }
    }

    /// <summary>State tensors under <c>index.name</c>, the index counting parameters over all groups. Not copies.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> StateDict() =>
        [.. _states.SelectMany((state, index) => state.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => ($"{index}.{entry.Key}", entry.Value)))];

    /// <summary>Goes on from a saved state.</summary>
    /// <param name="state">What <see cref="StateDict"/> gave, for the same parameters.</param>
    /// <param name="steps">What <see cref="Steps"/> was.</param>
    /// <exception cref="ArgumentException">The state does not fit these parameters.</exception>
    public void LoadStateDict(IReadOnlyDictionary<string, Tensor> state, long steps)
    {
        ArgumentNullException.ThrowIfNull(state);
        var parameters = Groups.SelectMany(group => group.Parameters).ToArray();
        foreach (var (name, value) in state)
        {
            var dot = name.IndexOf('.', StringComparison.Ordinal);
            if (dot <= 0 || !int.TryParse(name.AsSpan(0, dot), out var index) || index < 0 || index >= parameters.Length)
                throw new ArgumentException($"optimiser state '{name}' belongs to no parameter", nameof(state));
            // Single numbers are counters, such as Adam's step.
            if (value.ndim != 0 && !value.shape.AsSpan().SequenceEqual(parameters[index].shape))
            {
                throw new ArgumentException(
                    $"optimiser state '{name}' is [{string.Join(",", value.shape)}], its parameter [{string.Join(",", parameters[index].shape)}]", nameof(state));
            }
        }

        using var noGrad = no_grad();
        var loaded = new List<(int Index, string Name, Tensor Value)>(state.Count);
        foreach (var (name, value) in state)
        {
            var dot = name.IndexOf('.', StringComparison.Ordinal);
            var index = int.Parse(name.AsSpan(0, dot), System.Globalization.CultureInfo.InvariantCulture);
            // Counters stay where the optimiser made them: read at each step, on a GPU they would hold it up.
            var counter = value.ndim == 0 && parameters[index].ndim != 0;
            using var moved = value.to(counter ? CPU : parameters[index].device);
            var own = moved.clone().DetachFromDisposeScope();
            if (value.ndim == 4 && TensorMemory.IsContiguous(parameters[index], memory_format.channels_last) && !parameters[index].is_contiguous())
            {
                // In the parameter's order, as it was before: kernels that take many tensors at once ask for one order.
                using var plain = own;
                own = TensorMemory.Contiguous(plain, memory_format.channels_last).DetachFromDisposeScope();
            }

            loaded.Add((index, name[(dot + 1)..], own));
        }

        // What was there before goes, also where the saved state has nothing in its place.
        foreach (var own in _states)
        {
            foreach (var tensor in own.Values)
                tensor.Dispose();
            own.Clear();
        }

        foreach (var (index, name, value) in loaded)
            _states[index].Add(name, value);
        Steps = steps;
    }

    /// <summary>Frees the state.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the state.</summary>
    /// <param name="disposing">False only from a finalizer.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        foreach (var tensor in _states.SelectMany(state => state.Values))
            tensor.Dispose();
    }

    /// <summary>Changes the parameters of one group.</summary>
    /// <param name="active">Those that have a gradient.</param>
    /// <param name="learningRate">This step's, the group's scale included.</param>
    /// <param name="weightDecay">The group's.</param>
    protected abstract void Update(IReadOnlyList<Active> active, double learningRate, double weightDecay);

    /// <summary>Keeps a state tensor beyond the step's scope.</summary>
    protected static Tensor Set(IDictionary<string, Tensor> state, string name, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(value);
        if (state.TryGetValue(name, out var old))
            old.Dispose();
        return state[name] = value.DetachFromDisposeScope();
    }

    /// <summary>A parameter with its gradient and state.</summary>
    /// <param name="Parameter">The tensor to change.</param>
    /// <param name="Gradient">Its gradient.</param>
    /// <param name="State">Its state by name; empty before its first step.</param>
    protected internal sealed record Active(Tensor Parameter, Tensor Gradient, IDictionary<string, Tensor> State);
}
