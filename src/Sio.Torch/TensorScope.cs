namespace Sio.Torch;

/// <summary>
/// Frees, when disposed, every tensor made on this thread since it was opened and not kept: no temporaries to
/// dispose by hand, and no memory that waits for the garbage collector, which cannot see its size.
/// </summary>
/// <remarks>
/// Scopes nest, and belong to the thread that opened them: do not <c>await</c> inside one. Tensors made outside any
/// scope are freed by <see cref="Tensor.Dispose"/>, or late by their finalizer.
/// </remarks>
/// <example><code>
/// using var scope = new TensorScope();
/// return scope.Keep((x * y).Sum());
/// </code></example>
public sealed class TensorScope : IDisposable
{
    [ThreadStatic]
    private static TensorScope? s_current;

    private readonly TensorScope? _outer;
    private readonly List<Tensor> _tensors = [];
    private bool _disposed;

    /// <summary>Opens a scope on this thread.</summary>
    public TensorScope()
    {
        _outer = s_current;
        s_current = this;
    }

    /// <summary>The innermost open scope of this thread, or null.</summary>
    internal static TensorScope? Current => s_current;

    /// <summary>Hands a tensor to the enclosing scope, or, when there is none, to the caller.</summary>
    /// <returns>The same tensor.</returns>
    public Tensor Keep(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (tensor.Scope != this)
            return tensor;
        tensor.Scope = _outer;
        _outer?._tensors.Add(tensor);
        return tensor;
    }

    /// <summary>Takes a tensor that was made elsewhere, such as by another thread, into this scope's care.</summary>
    /// <returns>The same tensor.</returns>
    public Tensor Adopt(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (tensor.Scope == this)
            return tensor;
        tensor.Scope = this;
        _tensors.Add(tensor);
        return tensor;
    }

    /// <summary>Frees what was not kept.</summary>
    /// <exception cref="InvalidOperationException">An inner scope is still open, or this is another thread.</exception>
    public void Dispose()
    {
        if (_disposed)
            return;
        if (s_current != this)
            throw new InvalidOperationException("tensor scopes are closed innermost first, by the thread that opened them");
        _disposed = true;
        s_current = _outer;
        foreach (var tensor in _tensors)
        {
            if (tensor.Scope == this)
                tensor.Dispose();
        }

        _tensors.Clear();
    }

    internal void Add(Tensor tensor) => _tensors.Add(tensor);
}
