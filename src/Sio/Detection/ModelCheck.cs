using System.Globalization;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>
/// Looks whether a model from elsewhere is in evaluation mode: what it says of an image must not change from one time to the next
/// (dropout), nor with the images beside it (batch norm). A
/// program that was traced in training mode stays in it after eval(), and its scores would be random.
/// </summary>
public static class ModelCheck
{
    /// <summary>How many images are looked at.</summary>
    public const int Images = 32;

    /// <summary>How far outputs may differ, as a fraction of the largest (of 1, where all are smaller): other orders of adding, also in 16
    /// bits.</summary>
    public const double Tolerance = 1e-2;

    private const string Cure = "save or trace it after model.eval()";

    /// <summary>Rejects a model whose outputs are not the images' own.</summary>
    /// <param name="model">The model.</param>
    /// <param name="images">Normalised images [N,C,H,W], of which the first few are looked at.</param>
    /// <exception cref="DetectionException">The same images, or the same images beside others, get other outputs.</exception>
    public static void RefuseTrainingMode(IDetectionModel model, Tensor images)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(images);
        if (images.size(0) == 0)
            return;
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var count = Math.Min(images.size(0), Images);
        var batch = images.narrow(0, 0, count);
        var first = model.Forward(batch);
        if (Difference(first, model.Forward(batch), count) is { } random)
            throw new DetectionException($"the model gives other outputs for the same images the second time ({random}): it is in training mode (dropout), or draws random numbers; {Cure}");

        // The other images are the negatives of these: of another mean, and available. A batch of the same size, since a program may know no
        // other.
        var kept = (count + 1) / 2;
        var others = kept == count ? cat([batch, -batch]) : cat([batch.narrow(0, 0, kept), -batch.narrow(0, kept, count - kept)]);
        if (Difference(first, model.Forward(others), kept) is { } dependent)
            throw new DetectionException($"the model's outputs for an image depend on the other images of its batch ({dependent}): it is in training mode (batch norm); {Cure}");
    }

    private static string? Difference((Tensor Logits, Tensor Features) first, (Tensor Logits, Tensor Features) second, long rows) =>
        Difference("logits", first.Logits, second.Logits, rows) ?? Difference("features", first.Features, second.Features, rows);

    // NaN is reported elsewhere: it differs from itself.
    private static string? Difference(string what, Tensor first, Tensor second, long rows)
    {
        if (!first.shape.AsSpan(1).SequenceEqual(second.shape.AsSpan(1)))
            return $"{what} {TensorMemory.Describe(first)} and {TensorMemory.Describe(second)}";
        var (a, b) = (first.narrow(0, 0, rows).to(ScalarType.Float64), second.narrow(0, 0, rows).to(ScalarType.Float64));
        if (a.numel() == 0)
            return null;
        var (largest, size) = ((a - b).abs().max().ToDouble(), Math.Max(1, a.abs().max().ToDouble()));
        return largest > Tolerance * size ? string.Create(CultureInfo.InvariantCulture, $"{what} differ by up to {largest:G3} of {size:G3}") : null;
    }
}
