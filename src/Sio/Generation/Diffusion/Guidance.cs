using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Generation.Diffusion;

/// <summary>
/// Classifier-free guidance (Ho and Salimans 2022, "Classifier-free diffusion guidance", arXiv 2207.12598, equation 6): D = D(x; ∅) + w·(D(x; c) − D(x; ∅)), where c is the class and ∅
/// stands for none. w = 1 is the plain conditional denoiser; the paper's own weight is w − 1.
/// </summary>
internal static class Guidance
{
    /// <summary>Denoises with guidance; both kinds in one pass, or one kind alone where the other would not count.</summary>
    /// <param name="denoise">D, called with images and as many classes.</param>
    /// <param name="x">Noisy images [N,C,H,W].</param>
    /// <param name="labels">Their classes [N].</param>
    /// <param name="noClass">The number that stands for no class.</param>
    /// <param name="weight">w.</param>
    internal static Tensor Denoise(Func<Tensor, Tensor, Tensor> denoise, Tensor x, Tensor labels, long noClass, double weight)
    {
        if (weight == 1)
            return denoise(x, labels);
        var none = labels.zeros_like().fill_(noClass);
        if (weight == 0)
            return denoise(x, none);
        var count = x.size(0);
        var both = denoise(torch.cat([x, x]), torch.cat([labels, none]));
        var (with, without) = (both.narrow(0, 0, count), both.narrow(0, count, count));
        return without.add(with - without, weight);
    }

    /// <summary>Withholds the class of some images, each with the same probability.</summary>
    /// <param name="labels">[N] int64.</param>
    /// <param name="noClass">The number that stands for no class.</param>
    /// <param name="probability">In [0, 1].</param>
    /// <param name="random">Says which.</param>
    internal static Tensor DropClasses(Tensor labels, long noClass, double probability, Generator random) =>
        probability == 0 ? labels
            : labels.masked_fill(torch.rand([labels.size(0)], device: random.device, generator: random).lt(probability), noClass);
}
