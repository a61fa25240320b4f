using System.Runtime.CompilerServices;

namespace Sio.Evaluation;

/// <summary>
/// The scores of two sets as ranks among their distinct values: sorted once, so that the metrics of any resample take a walk over
/// counts and no sort.
/// </summary>
internal sealed class ScoreBlocks
{
    private readonly int[] _id;
    private readonly int[] _ood;

    /// <summary>Ranks both sets.</summary>
    /// <exception cref="ArgumentException">A set is empty or holds NaN.</exception>
    public ScoreBlocks(ReadOnlySpan<double> idScores, ReadOnlySpan<double> oodScores)
    {
        ulong[] id = new ulong[idScores.Length], ood = new ulong[oodScores.Length];
        ScoreKeys.Fill(idScores, id, "ID");
        ScoreKeys.Fill(oodScores, ood, "OOD");
        ulong[] distinct = [.. id, .. ood];
        RadixSort.Sort(distinct.AsSpan(), new ulong[distinct.Length]);
        var count = 1;
        for (var i = 1; i < distinct.Length; i++)
        {
            if (distinct[i] != distinct[count - 1])
                distinct[count++] = distinct[i];
        }

        Count = count;
        _id = Array.ConvertAll(id, key => ScoreKeys.LowerBound<ulong>(distinct.AsSpan(0, count), key));
        _ood = Array.ConvertAll(ood, key => ScoreKeys.LowerBound<ulong>(distinct.AsSpan(0, count), key));
    }

    /// <summary>Number of distinct values.</summary>
    public int Count { get; }

    /// <summary>The metrics where each image counts as often as it was drawn.</summary>
    /// <param name="idDrawn">Times that each ID image was drawn; the sum is the number of ID images.</param>
    /// <param name="oodDrawn">Likewise for the OOD images.</param>
    /// <param name="room">At least 2 * <see cref="Count"/> integers; contents are lost.</param>
    public OodMetrics Metrics(ReadOnlySpan<int> idDrawn, ReadOnlySpan<int> oodDrawn, Span<int> room)
    {
        Span<int> id = room[..Count], ood = room.Slice(Count, Count);
        Spread(_id, idDrawn, id);
        Spread(_ood, oodDrawn, ood);
        return Walk(id, ood, _id.Length, _ood.Length);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spread(int[] blocks, ReadOnlySpan<int> drawn, Span<int> counts)
    {
        counts.Clear();
        for (var i = 0; i < blocks.Length; i++)
            counts[blocks[i]] += drawn[i];
    }

    // The same sums as CurveAreas.Walk, over counts per block.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static OodMetrics Walk(ReadOnlySpan<int> id, ReadOnlySpan<int> ood, int n, int m)
    {
        int idThreshold = n - OodMetrics.Needed95(n), oodThreshold = OodMetrics.Needed95(m) - 1; // ranks, ascending
        int idBelow = 0, oodBelow = 0, accepted = 0, flagged = 0;
        var twiceOrdered = 0L;
        var auprIn = default(CompensatedSum);
        var auprOut = default(CompensatedSum);
        var (inBefore, outBefore) = (n / ((double)n + m), 1.0); // precisions at the block's lower end
        for (var b = 0; b < id.Length; b++)
        {
            int idHere = id[b], oodHere = ood[b];
            if ((idHere | oodHere) == 0)
                continue;

            int idUpTo = idBelow + idHere, oodUpTo = oodBelow + oodHere;
            int idAbove = n - idUpTo, oodAbove = m - oodUpTo;
            var inAfter = (idAbove | oodAbove) == 0 ? 1.0 : idAbove / ((double)idAbove + oodAbove);
            var outAfter = oodUpTo / ((double)idUpTo + oodUpTo);
            twiceOrdered += idHere * ((2L * oodBelow) + oodHere);
            auprIn.Add(idHere * (inBefore + inAfter));
            auprOut.Add(oodHere * (outBefore + outAfter));
            if (idBelow <= idThreshold && idThreshold < idUpTo)
                accepted = m - oodBelow;
            if (oodBelow <= oodThreshold && oodThreshold < oodUpTo)
                flagged = idUpTo;
            (idBelow, oodBelow, inBefore, outBefore) = (idUpTo, oodUpTo, inAfter, outAfter);
        }

        return new OodMetrics(
            100 * (twiceOrdered / (2.0 * n * m)), 100 * (auprIn.Value / (2.0 * n)), 100 * (auprOut.Value / (2.0 * m)),
            100.0 * accepted / m, 100.0 * flagged / n);
    }
}
