using Sio.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Evaluation.Generated;

/// <summary>
/// Recall (Kynkäänniemi et al. 2019) and coverage (Naeem et al. 2020) of samples against a fixed few hundred real images, cheap enough to be taken while a generator is trained.
/// </summary>
/// <remarks>
/// <para>The points are the images' means over a grid of 7×7, all classes together, with k = 3 for both measures. On Fashion-MNIST that told collapsed generators from healthy ones far better
/// than the pixels themselves, 480 samples each: a finished GAN has a recall of 0.75 (pixels: 0.64), after 5 per cent of its training 0.43 (0.17), a small one after 60 steps 0.18 (0.00),
/// and GANs that collapsed at absurd learning rates at most 0.01. No network has to be run but the generator.</para>
/// <para>Neither measure is enough alone. Where much of what tells images apart is noise, no generator makes that noise, and recall is 0 for good ones too, while their coverage is high. Where a
/// generator gives wild patterns, each far from every other, the balls around them hold everything: recall is high and coverage is 0.</para>
/// </remarks>
public sealed class SampleRecall
{
    /// <summary>Real images that samples are compared with, at most.</summary>
    public const int RealImages = 512;

    private const int Neighbour = 3, Grid = 7;

    private readonly ImageSet _real;

    /// <summary>Chooses the real images, evenly over the classes.</summary>
    /// <param name="real">At least <see cref="LeastImages"/> images.</param>
    /// <param name="seed">The same seed always chooses the same.</param>
    /// <exception cref="ArgumentException">There are too few.</exception>
    public SampleRecall(ImageSet real, long seed)
    {
        ArgumentNullException.ThrowIfNull(real);
        if (real.Count < LeastImages)
            throw new ArgumentException(ImageSet.Text($"'{real.Name}' has {real.Count} images, at least {LeastImages} are needed."), nameof(real));
        _real = real.Count > RealImages ? real.Take(RealImages, seed) : real;
    }

    /// <summary>The fewest images that either side may have.</summary>
    public static int LeastImages => Neighbour + 1;

    /// <summary>Measures samples; comparable for equal numbers of samples only.</summary>
    /// <param name="samples">At least <see cref="LeastImages"/> images of the real ones' size.</param>
    /// <returns>Recall and coverage, 0 to 1.</returns>
    /// <exception cref="ArgumentException">There are too few, or their size is another.</exception>
    public (double Recall, double Coverage) Of(ImageSet samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (!samples.HasSameImageSize(_real))
            throw new ArgumentException(ImageSet.Text($"'{samples}' and '{_real}' cannot be compared: the image sizes differ."), nameof(samples));
        using var scope = NewDisposeScope();
        var measures = ManifoldMeasures.Compute(Points(_real), Points(samples), Neighbour);
        return (measures.Recall, measures.Coverage);
    }

    private static Tensor Points(ImageSet set) =>
        nn.functional.adaptive_avg_pool2d((torch.tensor(set.CopyImages(0, set.Count), [set.Count, set.Channels, set.Height, set.Width]).to(ScalarType.Float32) / 255), Grid).flatten(1);
}
