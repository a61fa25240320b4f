namespace Sio.Training.Objectives;

/// <summary>
/// The box of an image that CutMix replaces (Yun et al. 2019, eq. 2): sides of √(1 − λ) of the image's around a centre, cut off at the image's edges. Rounding is that of the authors' code:
/// the sides are truncated, and half of each, truncated again, goes either way.
/// </summary>
/// <param name="Top">First row.</param>
/// <param name="Bottom">The row after the last.</param>
/// <param name="Left">First column.</param>
/// <param name="Right">The column after the last.</param>
internal readonly record struct CutBox(int Top, int Bottom, int Left, int Right)
{
    /// <summary>Pixels in the box.</summary>
    internal int Area => (Bottom - Top) * (Right - Left);

    /// <summary>The box for a share λ of the image that is to stay.</summary>
    internal static CutBox Around(int row, int column, int height, int width, double share)
    {
        var side = Math.Sqrt(1 - share);
        int down = (int)(height * side) / 2, across = (int)(width * side) / 2;
        return new CutBox(
            Math.Clamp(row - down, 0, height), Math.Clamp(row + down, 0, height), Math.Clamp(column - across, 0, width), Math.Clamp(column + across, 0, width));
    }

    /// <summary>The share of an image that stays, exactly: λ after the box has been rounded and cut off.</summary>
    internal double Remaining(int height, int width) => 1 - (Area / (double)(height * width));
}
