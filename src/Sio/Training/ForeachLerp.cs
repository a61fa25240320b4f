using Sio.Torch;

namespace Sio.Training;

/// <summary>One step of exponential moving averages, many tensors in a few calls.</summary>
internal static class ForeachLerp
{
    private static readonly Operator s_mul = new("_foreach_mul_.Scalar");
    private static readonly Operator s_add = new("_foreach_add_.List");

    /// <summary>to ← β·to + (1 − β)·from, without gradients being recorded.</summary>
    /// <param name="to">The averages.</param>
    /// <param name="from">What goes into them, in their order.</param>
    /// <param name="decay">β, in [0, 1].</param>
    internal static void Run(Tensor?[] to, Tensor?[] from, double decay)
    {
        if (to.Length == 0)
            return;
        using var noGrad = GradMode.NoGrad();
        s_mul.Run(to, decay);
        s_add.Run(to, from, 1 - decay);
    }
}
