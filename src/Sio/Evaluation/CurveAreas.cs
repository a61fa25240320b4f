using System.Numerics;
using System.Runtime.CompilerServices;

namespace Sio.Evaluation;

/// <summary>Areas under the ROC curve and both precision-recall curves, in per cent, from one walk over sorted scores.</summary>
internal readonly record struct CurveAreas(double Auroc, double AuprIn, double AuprOut)
{
    /// <summary>Merges the two sets upwards, one block of equal scores at a time.</summary>
    /// <param name="id">Keys of the ID scores, ascending, at least one.</param>
    /// <param name="ood">Keys of the OOD scores, ascending, at least one.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static CurveAreas Walk<TKey>(ReadOnlySpan<TKey> id, ReadOnlySpan<TKey> ood)
        where TKey : unmanaged, IBinaryInteger<TKey>
    {
        int n = id.Length, m = ood.Length;
        int idBelow = 0, oodBelow = 0; // samples strictly below the block
        var twiceOrdered = 0L;         // 2 * pairs in right order + tied pairs; at most 2 * 2^31 * 2^31, so it fits
        var auprIn = default(CompensatedSum);
        var auprOut = default(CompensatedSum);

        while (idBelow < n || oodBelow < m)
        {
            var key = idBelow == n ? ood[oodBelow]
                : oodBelow == m ? id[idBelow]
                : TKey.Min(id[idBelow], ood[oodBelow]);
            int idUpTo = idBelow, oodUpTo = oodBelow; // samples up to and with the block
            while (idUpTo < n && id[idUpTo] == key)
                idUpTo++;
            while (oodUpTo < m && ood[oodUpTo] == key)
                oodUpTo++;

            // Each sample of a block adds the two precisions at the block's ends: a trapezoid, but for the constant factor.
            // A block without positives moves the curve straight down, which has no area.
            int idHere = idUpTo - idBelow, oodHere = oodUpTo - oodBelow;
            if (idHere > 0)
            {
                twiceOrdered += idHere * ((2L * oodBelow) + oodHere);
                auprIn.Add(idHere * (Precision(n - idUpTo, m - oodUpTo) + Precision(n - idBelow, m - oodBelow)));
            }

            if (oodHere > 0)
                auprOut.Add(oodHere * (Precision(oodBelow, idBelow) + Precision(oodUpTo, idUpTo)));

            idBelow = idUpTo;
            oodBelow = oodUpTo;
        }

        return new CurveAreas(
            100.0 * (twiceOrdered / (2.0 * n * m)),
            100.0 * (auprIn.Value / (2.0 * n)),
            100.0 * (auprOut.Value / (2.0 * m)));
    }

    /// <summary>Share of positives among the samples taken; 1 where none is taken, the curve's start by definition.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Precision(int positives, int negatives) =>
        (positives | negatives) == 0 ? 1.0 : positives / ((double)positives + negatives);
}
