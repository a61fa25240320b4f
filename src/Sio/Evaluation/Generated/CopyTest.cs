namespace Sio.Evaluation.Generated;

/// <summary>
/// Whether a generator repeats its training images: the three-sample test of Meehan, Chaudhuri &amp; Dasgupta 2020, "A Non-Parametric Test to Detect Data-Copying in Generative
/// Models", on the distances of generated and of held-out images to their nearest training images.
/// </summary>
/// <param name="Z">
/// The paper's Z_U: the Mann–Whitney statistic of all generated distances against all held-out ones. Far below 0, generated images lie nearer to training images than real ones
/// do, as copies would; far above 0 they lie farther off.
/// </param>
/// <param name="C">
/// The paper's C_T (section 4): the mean of <paramref name="PerCell"/>, weighted by the held-out images' shares of the cells, over cells that have a value. Cells
/// find a generator that copies in some places and underfits in others, which cancels out in <paramref name="Z"/>. NaN where no cell has a value.
/// </param>
/// <param name="PerCell">Z of each cell; NaN where it has fewer than <see cref="LeastPerCell"/> images of either kind.</param>
/// <remarks>The paper makes cells by k-means; here they are the caller's, the classes as a rule: those a conditional generator is asked for.</remarks>
public sealed record CopyTest(double Z, double C, IReadOnlyList<double> PerCell)
{
    /// <summary>Images of either kind that a cell needs: below, the statistic is no normal variable yet.</summary>
    public const int LeastPerCell = 10;

    /// <summary>Runs the test.</summary>
    /// <param name="generated">Distance of each generated image to its nearest training image.</param>
    /// <param name="generatedCells">Its cell, from 0.</param>
    /// <param name="heldOut">Distance of each held-out image to its nearest training image.</param>
    /// <param name="heldOutCells">Its cell, from 0.</param>
    /// <param name="cells">How many cells there are, ≥ 1.</param>
    /// <exception cref="ArgumentException">There are no images of a kind, lengths differ, a cell is out of range, or a distance is NaN.</exception>
    public static CopyTest Compute(double[] generated, int[] generatedCells, double[] heldOut, int[] heldOutCells, int cells)
    {
        ArgumentNullException.ThrowIfNull(generated);
        ArgumentNullException.ThrowIfNull(generatedCells);
        ArgumentNullException.ThrowIfNull(heldOut);
        ArgumentNullException.ThrowIfNull(heldOutCells);
        ArgumentOutOfRangeException.ThrowIfLessThan(cells, 1);
        if (generated.Length != generatedCells.Length || heldOut.Length != heldOutCells.Length)
            throw new ArgumentException("Each distance needs a cell.");
        if (generatedCells.Concat(heldOutCells).Any(cell => cell < 0 || cell >= cells))
            throw new ArgumentException(FormattableString.Invariant($"A cell is out of range, 0..{cells - 1} was expected."));

        var all = MannWhitney.Compute(generated, heldOut);
        var perCell = new double[cells];
        double sum = 0, weight = 0;
        for (var c = 0; c < cells; c++)
        {
            var (ours, theirs) = (In(generated, generatedCells, c), In(heldOut, heldOutCells, c));
            var enough = Math.Min(ours.Length, theirs.Length) >= LeastPerCell;
            perCell[c] = enough ? MannWhitney.Compute(ours, theirs).Z : double.NaN;
            if (!enough)
                continue;
            sum += theirs.Length * perCell[c];
            weight += theirs.Length;
        }

        return new CopyTest(all.Z, sum / weight, perCell);
    }

    private static double[] In(double[] distances, int[] cells, int cell) => [.. distances.Where((_, i) => cells[i] == cell)];
}
