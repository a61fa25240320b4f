using Sio.Torch;

namespace Sio.Evaluation.Generated;

/// <summary>Pairs of points in blocks, in float64: what is computed on the way never grows with the number of pairs.</summary>
internal static class PointBlocks
{
    /// <summary>Points of either side at a time. 1024 × 1024 distances are 8 MB.</summary>
    internal const int Size = 1024;

    /// <summary>Refuses what is no set of points, and sets that do not belong together.</summary>
    /// <param name="first">[n,D] of a floating-point type.</param>
    /// <param name="second">[m,D] likewise.</param>
    /// <param name="least">How many points each side needs.</param>
    /// <exception cref="ArgumentException">They are none, or too few.</exception>
    internal static void Check(Tensor first, Tensor second, int least)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Dim != 2 || second.Dim != 2 || first.Size(1) != second.Size(1) || first.Size(1) == 0)
            throw new ArgumentException($"{first} and {second} are not two sets of points [n,D] of one width.");
        if (first.Size(0) < least || second.Size(0) < least)
            throw new ArgumentException($"Sets of {first.Size(0)} and {second.Size(0)} points were given, at least {least} each are needed.");
    }

    /// <summary>
    /// Both sets in float64, moved together so that the first one's mean is the origin: distances stay, and the products that they are computed from lose no digits to
    /// a common offset.
    /// </summary>
    internal static (Tensor First, Tensor Second) Centred(Tensor first, Tensor second)
    {
        var (a, b) = (first.Detach().Cpu().To(DType.Float64), second.Detach().Cpu().To(DType.Float64));
        var mean = a.Mean([0], keepDim: true);
        return (a - mean, b - mean);
    }

    /// <summary>Calls an action with the first row and the rows of each block, in a tensor scope of its own.</summary>
    internal static void ForEach(Tensor points, Action<int, Tensor> action)
    {
        var count = (int)points.Size(0);
        for (var start = 0; start < count; start += Size)
        {
            using var scope = new TensorScope();
            action(start, points.Narrow(0, start, Math.Min(Size, count - start)));
        }
    }

    /// <summary>Squared distances [n,m] of points [n,D] and [m,D]: ‖a‖² + ‖b‖² − 2·aᵀb, at least 0.</summary>
    internal static Tensor SquaredDistances(Tensor a, Tensor b) =>
        (a.Square().Sum(1, keepDim: true) + b.Square().Sum(1) - (a.MatMul(b.Transpose(0, 1)) * 2)).Clamp(min: 0);
}
