using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Training;

/// <summary>One step of exponential moving averages, many tensors in a few calls.</summary>
internal static class ForeachLerp
{
    /// <summary>to ← β·to + (1 − β)·from, without gradients being recorded.</summary>
    /// <param name="to">The averages.</param>
    /// <param name="from">What goes into them, in their order.</param>
    /// <param name="decay">β, in [0, 1].</param>
    internal static void Run(Tensor[] to, Tensor[] from, double decay)
    {
        if (to.Length == 0)
            return;
        using var noGrad = no_grad();
        using Scalar keep = decay, take = 1 - decay;
        for (var i = 0; i < to.Length; i++)
            to[i].mul_(keep).add_(from[i], take);
    }
}
