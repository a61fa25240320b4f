using System.Diagnostics.CodeAnalysis;
using Sio.Engine;
using static TorchSharp.torch;

namespace Sio.Nn;

/// <summary>
/// Batch norm in evaluation is a scale and a shift per channel, which the convolution before it can do as well: W' = W · γ/√(σ² + ε) and
/// b' = (b − μ) · γ/√(σ² + ε) + β. Holds the changed weights of a network; the network itself stays as it is.
/// </summary>
/// <remarks>A snapshot: later changes of the weights do not reach it. It holds for the thread that entered it.</remarks>
internal sealed class BatchNormFolding : IDisposable
{
    [ThreadStatic]
    private static BatchNormFolding? s_current;

    private readonly Dictionary<Conv2d, (Tensor Weight, Tensor Bias)> _convolutions = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<BatchNorm2d> _folded = new(ReferenceEqualityComparer.Instance);

    private readonly ScalarType? _type;
    private readonly bool _blocked;

    private BatchNormFolding(ScalarType? type, bool blocked) => (_type, _blocked) = (type, blocked);

    /// <summary>The folding in force on this thread.</summary>
    internal static BatchNormFolding? Current => s_current;

    /// <summary>How many layers of batch norm are folded.</summary>
    internal int Count => _folded.Count;

    /// <summary>
    /// Folds each batch norm that is registered right behind a convolution of as many channels. Whether it also runs behind it, only the network's own code
    /// knows: compare the outputs before use.
    /// </summary>
    /// <param name="module">The network, in evaluation mode.</param>
    /// <param name="type">What the convolutions compute in; null for their weights' type.</param>
    /// <param name="blocked">Whether the convolutions get their inputs in <see cref="BlockedLayout"/>.</param>
    internal static BatchNormFolding Of(nn.Module module, ScalarType? type, bool blocked)
    {
        var folding = new BatchNormFolding(type, blocked);
        try
        {
            using var noGrad = no_grad();
            folding.Collect(module);
            return folding;
        }
        catch
        {
            folding.Dispose();
            throw;
        }
    }

    /// <summary>A folding of nothing.</summary>
    internal static BatchNormFolding None() => new(type: null, blocked: false);

    /// <summary>Puts the folding in force until the result is disposed.</summary>
    internal Scope Enter() => new(this);

    /// <summary>The weights a convolution is to use.</summary>
    internal bool TryGet(Conv2d convolution, [NotNullWhen(true)] out Tensor? weight, [NotNullWhen(true)] out Tensor? bias)
    {
        var found = _convolutions.TryGetValue(convolution, out var folded);
        (weight, bias) = (folded.Weight, folded.Bias);
        return found;
    }

    /// <summary>Whether a layer's work is done by the convolution before it.</summary>
    internal bool Holds(BatchNorm2d norm) => _folded.Contains(norm);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (weight, bias) in _convolutions.Values)
        {
            weight.Dispose();
            bias.Dispose();
        }

        _convolutions.Clear();
        _folded.Clear();
    }

    private void Collect(nn.Module module)
    {
        Conv2d? before = null;
        foreach (var (_, child) in module.named_children())
        {
            if (child is BatchNorm2d norm && before is not null && before.weight.size(0) == norm.weight.size(0))
                Fold(before, norm);
            before = child as Conv2d;
            Collect(child);
        }
    }

    private void Fold(Conv2d convolution, BatchNorm2d norm)
    {
        using var scope = NewDisposeScope();
        var scale = norm.weight.to(ScalarType.Float64) / (norm.running_var.to(ScalarType.Float64) + norm.eps).sqrt();
        var shift = norm.bias.to(ScalarType.Float64) - (norm.running_mean.to(ScalarType.Float64) * scale);
        if (convolution.bias is { } bias)
            shift = shift.add(bias.to(ScalarType.Float64) * scale);
        var weight = convolution.weight.to(ScalarType.Float64) * scale.view(-1, 1, 1, 1);
        var type = _type ?? convolution.weight.dtype;
        _convolutions.Add(convolution, (Kept(weight.to(type)), Kept(shift.to(type))));
        _folded.Add(norm);
    }

    private Tensor Kept(Tensor tensor) => (_blocked ? BlockedLayout.Of(tensor) : tensor).DetachFromDisposeScope();

    /// <summary>The time that a folding is in force.</summary>
    internal readonly ref struct Scope
    {
        private readonly BatchNormFolding? _before;

        internal Scope(BatchNormFolding folding)
        {
            _before = s_current;
            s_current = folding;
        }

        /// <summary>Puts back what was in force before.</summary>
        public void Dispose() => s_current = _before;
    }
}
