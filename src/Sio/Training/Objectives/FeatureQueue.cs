using Sio.Engine;
using Sio.Nn;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Sio.Training.Objectives;

/// <summary>The latest features of each class, as many for one as for another; new ones take the place of the oldest. All of it is buffers, so that it is in checkpoints.</summary>
internal sealed class FeatureQueue : NamedModule
{
    [ComponentName(Name = "seen")]
    private readonly Tensor _seen;

    /// <summary>Makes an empty queue.</summary>
    /// <param name="classes">C.</param>
    /// <param name="length">S, features per class.</param>
    /// <param name="size">D.</param>
    internal FeatureQueue(int classes, int length, int size)
        : base(nameof(FeatureQueue))
    {
        Features = this.RegisterBuffer("features", torch.zeros([classes, length, size]));
        _seen = this.RegisterBuffer("seen", torch.zeros([classes], dtype: ScalarType.Int64));
    }

    /// <summary>[C,S,D]; rows that have not been filled yet are 0.</summary>
    [field: ComponentName(Name = "features")]
    internal Tensor Features { get; }

    /// <summary>Whether S features of every class have come.</summary>
    internal bool IsFull => _seen.min().ToDouble() >= Features.size(1);

    /// <summary>Takes features [N,D], of which nothing is recorded for autograd, with labels [N] int64.</summary>
    internal void Add(Tensor features, Tensor labels)
    {
        var (seen, length) = (_seen.ToArray<long>(), Features.size(1));
        // By place, so that of more images of a class than fit the last ones stay, whatever the order in which rows are written.
        var rows = new SortedDictionary<long, long>();
        var row = 0L;
        foreach (var label in labels.ToArray<long>())
            rows[(label * length) + (seen[label]++ % length)] = row++;
        if (rows.Count == 0)
            return;
        var (places, chosen) = (torch.tensor(rows.Keys.ToArray(), [rows.Count]), torch.tensor(rows.Values.ToArray(), [rows.Count]));
        var device = Features.device;
        Features.view(-1, Features.size(2)).index_copy_(0, places.to(device), features.index_select(0, chosen.to(features.device)).to(Features.dtype));
        _seen.copy_(torch.tensor(seen, [seen.Length]));
    }
}
