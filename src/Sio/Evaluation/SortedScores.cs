using System.Buffers;
using System.Numerics;

namespace Sio.Evaluation;

/// <summary>
/// The keys of ID and OOD scores, each in ascending order: the one sort that every metric reads. Rents its memory;
/// dispose it to give that back.
/// </summary>
/// <typeparam name="TKey"><see cref="uint"/> for float32 scores, <see cref="ulong"/> for float64 ones.</typeparam>
internal sealed class SortedScores<TKey> : IDisposable
    where TKey : unmanaged, IBinaryInteger<TKey>
{
    // Below this many scores, starting a second thread costs more than it saves.
    private const int SmallestForTwoThreads = 50_000;

    private TKey[] id;
    private TKey[] ood;

    /// <summary>Rents room for so many scores, to be filled through <see cref="IdKeys"/> and <see cref="OodKeys"/>.</summary>
    public SortedScores(int idCount, int oodCount)
    {
        IdCount = idCount;
        OodCount = oodCount;
        id = ArrayPool<TKey>.Shared.Rent(Math.Max(1, idCount));
        ood = ArrayPool<TKey>.Shared.Rent(Math.Max(1, oodCount));
    }

    /// <summary>Number of ID scores.</summary>
    public int IdCount { get; }

    /// <summary>Number of OOD scores.</summary>
    public int OodCount { get; }

    /// <summary>The ID keys; ascending after <see cref="Sort"/>.</summary>
    public Span<TKey> IdKeys => id.AsSpan(0, IdCount);

    /// <summary>The OOD keys; ascending after <see cref="Sort"/>.</summary>
    public Span<TKey> OodKeys => ood.AsSpan(0, OodCount);

    /// <summary>Sorts both sets, side by side where they are large. The result does not depend on the number of threads.</summary>
    public void Sort()
    {
        if (Math.Min(IdCount, OodCount) < SmallestForTwoThreads)
        {
            SortOne(id, IdCount);
            SortOne(ood, OodCount);
        }
        else
        {
            Parallel.Invoke(() => SortOne(id, IdCount), () => SortOne(ood, OodCount));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<TKey>.Shared.Return(id);
        ArrayPool<TKey>.Shared.Return(ood);
        id = ood = [];
    }

    private static void SortOne(TKey[] keys, int count)
    {
        var scratch = ArrayPool<TKey>.Shared.Rent(Math.Max(1, count));
        RadixSort.Sort(keys.AsSpan(0, count), scratch.AsSpan());
        ArrayPool<TKey>.Shared.Return(scratch);
    }
}
