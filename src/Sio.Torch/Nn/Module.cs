namespace Sio.Torch.Nn;

/// <summary>
/// A part of a network: parameters, buffers and child modules under the names PyTorch's <c>state_dict</c> has for them, so
/// that weights travel both ways.
/// </summary>
public abstract class Module : IDisposable
{
    private readonly List<(string Name, Tensor Value)> _parameters = [];
    private readonly List<(string Name, Tensor Value)> _buffers = [];
    private readonly List<(string Name, Module Value)> _children = [];

    /// <summary>Whether the module behaves as in training (batch statistics, dropout). True at first.</summary>
    public bool Training { get; private set; } = true;

    /// <summary>The module's own child modules, in order.</summary>
    public IReadOnlyList<(string Name, Module Value)> Children => _children;

    /// <summary>Computes the output, and frees every tensor made on the way but the result.</summary>
    /// <param name="input">The input; its shape is the module's matter.</param>
    public Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = new TensorScope();
        return scope.Keep(ForwardCore(input));
    }

    /// <summary>All parameters, those of children with dotted names, in PyTorch's order.</summary>
    public IEnumerable<(string Name, Tensor Value)> NamedParameters() => Collect(module => module._parameters);

    /// <summary>All buffers (such as running statistics), those of children with dotted names, in PyTorch's order.</summary>
    public IEnumerable<(string Name, Tensor Value)> NamedBuffers() => Collect(module => module._buffers);

    /// <summary>All parameters.</summary>
    public Tensor[] Parameters() => [.. NamedParameters().Select(entry => entry.Value)];

    /// <summary>Parameters and buffers, module by module, as PyTorch's <c>state_dict</c> orders them. Not copies.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> StateDict() =>
        [.. Collect(module => module._parameters.Concat(module._buffers))];

    /// <summary>Copies values into parameters and buffers of the same names.</summary>
    /// <param name="state">A value for each name, and no others.</param>
    /// <exception cref="StateDictException">Names or shapes do not fit; nothing has been changed then.</exception>
    public void LoadStateDict(IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var own = StateDict();
        StateDictException.ThrowIfDifferent(own, state);
        using var scope = new TensorScope();
        using var noGrad = GradMode.NoGrad();
        foreach (var (name, value) in own)
            value.Copy_(state[name]);
    }

    /// <summary>Sets this module and its children to training or evaluation.</summary>
    public void Train(bool on = true)
    {
        Training = on;
        foreach (var (_, child) in _children)
            child.Train(on);
    }

    /// <summary>Sets this module and its children to evaluation.</summary>
    public void Eval() => Train(on: false);

    /// <summary>Moves parameters, their gradients, and buffers to a device.</summary>
    public void To(Device device)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.NoGrad();
        foreach (var (_, value) in StateDict())
            Replace(value, tensor => tensor.To(device));
    }

    /// <summary>Converts floating-point parameters and buffers to another floating-point type; counters stay integers.</summary>
    /// <exception cref="ArgumentException">Not a floating-point type.</exception>
    public void To(DType dtype)
    {
        if (!dtype.IsFloatingPoint())
            throw new ArgumentException($"a module's weights cannot be {dtype}", nameof(dtype));
        using var scope = new TensorScope();
        using var noGrad = GradMode.NoGrad();
        foreach (var (_, value) in StateDict())
        {
            if (value.DType.IsFloatingPoint())
                Replace(value, tensor => tensor.To(dtype));
        }
    }

    /// <summary>Puts parameters and buffers of four dimensions, the weights of convolutions, into an order in memory; their values stay.</summary>
    public void To(MemoryFormat format)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.NoGrad();
        foreach (var (_, value) in StateDict())
        {
            if (value.Dim == 4)
                Replace(value, tensor => tensor.Contiguous(format));
        }
    }

    /// <summary>Number of trainable numbers.</summary>
    public long ParameterCount() => NamedParameters().Sum(entry => entry.Value.Numel);

    /// <summary>Frees parameters and buffers, those of children too.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Computes the output. Temporaries need no disposing: <see cref="Forward"/> does it.</summary>
    protected abstract Tensor ForwardCore(Tensor input);

    /// <summary>Frees parameters and buffers.</summary>
    /// <param name="disposing">False only from a finalizer.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        foreach (var (_, value) in _parameters.Concat(_buffers))
            value.Dispose();
        foreach (var (_, child) in _children)
            child.Dispose();
    }

    /// <summary>Adds a child module.</summary>
    /// <returns>The same module.</returns>
    protected T Register<T>(string name, T child)
        where T : Module
    {
        _children.Add((name, child));
        return child;
    }

    /// <summary>Adds a parameter, which will require gradients, and takes it out of any tensor scope.</summary>
    /// <returns>The same tensor.</returns>
    protected Tensor RegisterParameter(string name, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        value.RequiresGrad = true;
        _parameters.Add((name, value.DetachFromScope()));
        return value;
    }

    /// <summary>Adds a buffer: state that is saved but not trained. Takes it out of any tensor scope.</summary>
    /// <returns>The same tensor.</returns>
    protected Tensor RegisterBuffer(string name, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _buffers.Add((name, value.DetachFromScope()));
        return value;
    }

    // The gradient goes along, as in PyTorch: backward could not add to one of another device or type.
    private static void Replace(Tensor value, Func<Tensor, Tensor> change)
    {
        var gradient = value.Grad;
        value.SetData(change(value.Detach()));
        if (gradient is not null)
            value.Grad = change(gradient);
    }

    private IEnumerable<(string Name, Tensor Value)> Collect(Func<Module, IEnumerable<(string Name, Tensor Value)>> own, string prefix = "")
    {
        foreach (var (name, value) in own(this))
            yield return (prefix + name, value);
        foreach (var (name, child) in _children)
        {
            foreach (var entry in child.Collect(own, $"{prefix}{name}."))
                yield return entry;
        }
    }
}
