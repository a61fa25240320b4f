using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Generation.Diffusion;

/// <summary>
/// Zeroes values with a probability and scales the others up. Unlike LibTorch's own operator it draws from a generator that is given, so that a step done again is the same step; while
/// there is none it leaves everything as it is.
/// </summary>
/// <param name="probability">In [0, 1).</param>
internal sealed class Dropout(double probability)
{
    /// <summary>Where the random numbers come from during a training step; null at all other times.</summary>
    internal Generator? Random { get; set; }

    /// <summary>Applies it.</summary>
    internal Tensor Apply(Tensor x)
    {
        if (Random is null || probability == 0)
            return x;
        var kept = torch.rand(x.shape, device: Random.device, generator: Random).ge(probability);
        return x * kept.to(x.dtype).mul_(1 / (1 - probability));
    }
}
