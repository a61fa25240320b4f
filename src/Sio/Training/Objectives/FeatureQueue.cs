using Sio.Torch;
using Sio.Torch.Nn;

namespace Sio.Training.Objectives;

/// <summary>The latest features of each class, as many for one as for another; new ones take the place of the oldest. All of it is buffers, so that it is in checkpoints.</summary>
internal sealed class FeatureQueue : Module
{
    private static readonly Operator s_indexCopy = new("aten::index_copy_");

    private readonly Tensor _seen;

    /// <summary>Makes an empty queue.</summary>
    /// <param name="classes">C.</param>
    /// <param name="length">S, features per class.</param>
    /// <param name="size">D.</param>
    internal FeatureQueue(int classes, int length, int size)
    {
        Features = RegisterBuffer("features", Tensor.Zeros([classes, length, size]));
        _seen = RegisterBuffer("seen", Tensor.Zeros([classes], DType.Int64));
    }

    /// <summary>[C,S,D]; rows that have not been filled yet are 0.</summary>
    internal Tensor Features { get; }

    /// <summary>Whether S features of every class have come.</summary>
    internal bool IsFull => _seen.Min().Item().ToDouble() >= Features.Size(1);

    /// <summary>Takes features [N,D], of which nothing is recorded for autograd, with labels [N] int64.</summary>
    internal void Add(Tensor features, Tensor labels)
    {
        var (seen, length) = (_seen.ToArray<long>(), Features.Size(1));
        // By place, so that of more images of a class than fit the last ones stay, whatever the order in which rows are written.
        var rows = new SortedDictionary<long, long>();
        var row = 0L;
        foreach (var label in labels.ToArray<long>())
            rows[(label * length) + (seen[label]++ % length)] = row++;
        if (rows.Count == 0)
            return;
        var (places, chosen) = (Tensor.From(rows.Keys.ToArray(), rows.Count), Tensor.From(rows.Values.ToArray(), rows.Count));
        var device = Features.Device;
        s_indexCopy.Run(Features.View(-1, Features.Size(2)), 0, places.To(device), features.IndexSelect(0, chosen.To(features.Device)).To(Features.DType));
        _seen.Copy_(Tensor.From(seen, seen.Length));
    }

    /// <inheritdoc/>
    protected override Tensor ForwardCore(Tensor input) => throw new NotSupportedException("a queue of features is no layer");
}
