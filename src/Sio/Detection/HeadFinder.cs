using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>
/// Finds the linear last layer of a model among its weights, by what it does: a weight W [C,D] and a bias b [C] (or none) with f·Wᵀ + b = z for features f and
/// logits z that the model has given. Names do not matter, so that a model of any framework's making will do.
/// </summary>
public static class HeadFinder
{
    /// <summary>Images that are enough to tell the last layer from other weights of its shape.</summary>
    public const int Images = 32;

    /// <summary>How far f·Wᵀ + b may be from the logits, as a fraction of the largest of them (of 1, where all are smaller).</summary>
    public const double Tolerance = 1e-4;

    /// <summary>Looks through a model's weights.</summary>
    /// <param name="weights">The model's parameters and buffers, with their names.</param>
    /// <param name="features">[N,D] of a few images.</param>
    /// <param name="logits">[N,C] of the same images.</param>
    /// <returns>
    /// Weight [C,D] and bias [C] (zeros for none), float32 on the CPU, copies that the caller disposes; null where no weights fit, and where different ones do, as
    /// they may when all features are zero.
    /// </returns>
    public static (Tensor Weight, Tensor Bias)? Find(IReadOnlyList<(string Name, Tensor Value)> weights, Tensor features, Tensor logits)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(logits);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (size, classes) = (features.size(1), logits.size(1));
        var none = torch.zeros([classes]);
        Tensor[] biases = [.. weights.Where(entry => entry.Value.ndim == 1 && is_floating_point(entry.Value.dtype) && entry.Value.size(0) == classes).Select(entry => Plain(entry.Value)), none];
        (Tensor Weight, Tensor Bias)? found = null;
        foreach (var (_, value) in weights)
        {
            // A classifier may be a convolution over one pixel.
            if (value.ndim < 2 || !is_floating_point(value.dtype) || value.size(0) != classes || value.size(1) != size || value.numel() != classes * size)
                continue;
            var weight = Plain(value).reshape(classes, size);

            // Beside the layer's own bias others may be near enough, such as none at all where it is small: the nearest is its own.
            var (deviation, bias) = biases.Select(bias => (Deviation(features, logits, weight, bias), bias)).MinBy(entry => double.IsNaN(entry.Item1) ? double.PositiveInfinity : entry.Item1);
            if (!(deviation <= Tolerance))
                continue;
            if (found is { } other && !Same(other.Weight, weight))
                return null;
            found = (weight, bias);
        }

        return found is { } head ? (scope.MoveToOuter(head.Weight.clone()), scope.MoveToOuter(head.Bias.clone())) : null;
    }

    /// <summary>The largest difference between f·Wᵀ + b and the logits, as a fraction of the largest logit (of 1, where all are smaller); NaN for values that are no numbers.</summary>
    /// <param name="features">[N,D].</param>
    /// <param name="logits">[N,C].</param>
    /// <param name="weight">[C,D].</param>
    /// <param name="bias">[C].</param>
    public static double Deviation(Tensor features, Tensor logits, Tensor weight, Tensor bias)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(bias);
        using var scope = NewDisposeScope();
        var expected = logits.to(ScalarType.Float64);
        var given = nn.functional.linear(features.to(ScalarType.Float64), weight.to(ScalarType.Float64), bias.to(ScalarType.Float64));
        return (given - expected).abs().max().ToDouble() / Math.Max(1, expected.abs().max().ToDouble());
    }

    private static Tensor Plain(Tensor value) => value.detach().cpu().to(ScalarType.Float32);

    private static bool Same(Tensor a, Tensor b) => a.ToArray<float>().AsSpan().SequenceEqual(b.ToArray<float>());
}
