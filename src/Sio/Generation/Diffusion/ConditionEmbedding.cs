using Sio.Nn;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Generation.Diffusion;

/// <summary>
/// What the U-Net is told beside the image, as one row per image: noise [N], classes [N] and, where there is augmentation, its parameters [N,a] → [N,e]. Sines and cosines of c_noise, as
/// DDPM++ has them (Song et al. 2021), plus the class's row, plus a linear map of the parameters, through two layers with SiLU.
/// </summary>
internal sealed class ConditionEmbedding : NamedModule
{
    private const double LongestPeriod = 10_000;

    private readonly int _features;
    private readonly Embedding _classes;
    private readonly Linear? _augmentation;
    private readonly Linear _linear1;
    private readonly Linear _linear2;

    /// <summary>Makes the layers.</summary>
    /// <param name="features">Sines and cosines; made even.</param>
    /// <param name="size">e.</param>
    /// <param name="classes">Classes; one more row stands for none.</param>
    /// <param name="augmentation">a; 0 without augmentation.</param>
    /// <param name="generator">Makes the initial weights.</param>
    internal ConditionEmbedding(int features, int size, int classes, int augmentation, Generator? generator)
        : base(nameof(ConditionEmbedding))
    {
        _features = features + (features % 2);
        _classes = this.Register("classes", new Embedding(classes + 1, _features, generator));
        if (augmentation > 0)
            _augmentation = this.Register("augmentation", new Linear(augmentation, _features, bias: false, generator));
        _linear1 = this.Register("linear1", new Linear(_features, size, generator: generator));
        _linear2 = this.Register("linear2", new Linear(size, size, generator: generator));
    }

    /// <summary>One row per image.</summary>
    /// <param name="noise">c_noise [N] float32.</param>
    /// <param name="labels">Classes [N] int64; the number of classes stands for none.</param>
    /// <param name="augmentation">Parameters [N,a]; null for an image as it is.</param>
    internal Tensor Forward(Tensor noise, Tensor labels, Tensor? augmentation)
    {
        using var scope = NewDisposeScope();
        var x = Waves(noise) + _classes.call(labels);
        if (augmentation is not null && _augmentation is not null)
            x += _augmentation.call(augmentation);
        x = ResidualBlock.Silu(_linear1.call(x));
        return scope.MoveToOuter(ResidualBlock.Silu(_linear2.call(x)));
    }

    // cos(c·f) and sin(c·f) for frequencies f from 1 down to 1 / 10,000, evenly spaced in their logarithms.
    private Tensor Waves(Tensor noise)
    {
        var half = _features / 2;
        var frequencies = (torch.arange(0, half, 1, dtype: ScalarType.Float32, device: noise.device) * (-Math.Log(LongestPeriod) / Math.Max(half - 1, 1))).exp();
        var angles = noise.unsqueeze(1) * frequencies;
        return torch.cat([angles.cos(), angles.sin()], dim: 1);
    }
}
