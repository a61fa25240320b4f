using static TorchSharp.torch;

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
        if (first.ndim != 2 || second.ndim != 2 || first.size(1) != second.size(1) || first.size(1) == 0)
            throw new ArgumentException($"{first} and {second} are not two sets of points [n,D] of one width.");
        if (first.size(0) < least || second.size(0) < least)
            throw new ArgumentException($"Sets of {first.size(0)} and {second.size(0)} points were given, at least {least} each are needed.");
    }

    /// <summary>
    /// Both sets in float64, moved together so that the first one's mean is the origin: distances stay, and the products that they are computed from lose no digits to
    /// a common offset.
    /// </summary>
    internal static (Tensor First, Tensor Second) Centred(Tensor first, Tensor second)
    {
        var (a, b) = (first.detach().cpu().to(ScalarType.Float64), second.detach().cpu().to(ScalarType.Float64));
        var mean = a.mean([0], keepdim: true);
        return (a - mean, b - mean);
    }

    /// <summary>Calls an action with the first row and the rows of each block, in a tensor scope of its own.</summary>
    internal static void ForEach(Tensor points, Action<int, Tensor> action)
    {
        var count = (int)points.size(0);
        for (var start = 0; start < count; start += Size)
        {
            using var scope = NewDisposeScope();
            action(start, points.narrow(0, start, Math.Min(Size, count - start)));
        }
    }

    /// <summary>Squared distances [n,m] of points [n,D] and [m,D]: ‖a‖² + ‖b‖² − 2·aᵀb, at least 0.</summary>
    internal static Tensor SquaredDistances(Tensor a, Tensor b) =>
        (a.square().sum(1, keepdim: true) + b.square().sum(1) - (a.matmul(b.transpose(0, 1)) * 2)).clamp(min: 0);
}
