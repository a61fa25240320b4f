using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Nn;

/// <summary>Initial weights.</summary>
internal static class Initial
{
    /// <summary>
    /// Uniform in ±1/√fanIn: what PyTorch's layers start from (Kaiming uniform with a = √5, He et al. 2015, which comes to
    /// just that), drawn in the same order, so that a seed gives the weights it gives in Python.
    /// </summary>
    internal static Tensor Uniform(long[] shape, long fanIn, Generator? generator)
    {
        // PyTorch's arithmetic, step by step: another order of roundings would move the bound by one unit in the last place.
        double bound;
        if (shape.Length > 1)
        {
            var gain = Math.Sqrt(2.0 / (1 + 5.0000000000000009));
            bound = Math.Sqrt(3.0) * (gain / Math.Sqrt(fanIn));
        }
        else
        {
            bound = 1 / Math.Sqrt(fanIn);
        }

        return torch.empty(shape).uniform_(-bound, bound, generator);
    }
}
