using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Sio.Nn;

/// <summary>A learnt row for each of n things: numbers [..] int64 → [.., d].</summary>
/// <remarks>As TorchSharp's, but its initial weights come from a generator of one's own.</remarks>
public sealed class Embedding : NamedModule<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private Parameter _weight;

    /// <summary>Makes the layer with PyTorch's initial weights: standard normal.</summary>
    /// <param name="count">n.</param>
    /// <param name="size">d.</param>
    /// <param name="generator">Makes the initial weights; the shared generator when left out.</param>
    public Embedding(int count, int size, Generator? generator = null)
        : base(nameof(Embedding)) => _weight = this.RegisterParameter("weight", torch.empty([count, size]).normal_(0, 1, generator));

    /// <summary>[n, d].</summary>
    public Parameter weight
    {
        get => _weight;

        // TorchSharp's to() sets it.
        private set
        {
            _weight.Dispose();
            ConditionallyRegisterParameter("weight", _weight = value);
        }
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Rows(_weight, input);
    }

    /// <summary>Rows of a table by number: [..] int64 → [.., d].</summary>
    internal static Tensor Rows(Tensor table, Tensor numbers)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(table.index_select(0, numbers.flatten()).view([.. numbers.shape, table.size(1)]));
    }
}
