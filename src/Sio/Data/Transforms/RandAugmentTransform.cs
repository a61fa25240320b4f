namespace Sio.Data.Transforms;

/// <summary>
/// RandAugment (Cubuk et al. 2020, "RandAugment: Practical automated data augmentation with a reduced search space", section 3): N operations of 14, each as likely as the others, one after the
/// other, all of the same magnitude. The operations and what a magnitude M of 0 to 30 means to them are torchvision's, which OpenOOD uses: <c>identity</c>, <c>autocontrast</c>, <c>equalize</c>;
/// <c>shear</c> by ±0.3·M/30; <c>translate</c> by ±⌊150/331·side·M/30⌋ pixels; <c>rotate</c> by ±M degrees; <c>posterize</c> keeps 8 − round(M/7.5) bits; <c>solarize</c> inverts from 255 − 8.5·M
/// on; <c>brightness</c>, <c>color</c>, <c>contrast</c>, <c>sharpness</c> have the factor 1 ± 0.9·M/30.
/// </summary>
public sealed class RandAugmentTransform : ImageTransform
{
    /// <summary>The largest magnitude.</summary>
    public const int MaxMagnitude = 30;

    private readonly int _operations;
    private readonly int _magnitude;

    /// <summary>Takes N and M.</summary>
    /// <param name="operations">N, operations per image, ≥ 0.</param>
    /// <param name="magnitude">M, 0 to <see cref="MaxMagnitude"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public RandAugmentTransform(int operations, int magnitude)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(operations);
        ArgumentOutOfRangeException.ThrowIfNegative(magnitude);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(magnitude, MaxMagnitude);
        (_operations, _magnitude) = (operations, magnitude);
    }

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<byte> image, Span<float> result, ImageSize size, RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(random);
        byte[] now = image.ToArray(), next = new byte[image.Length];
        for (var i = 0; i < _operations; i++)
        {
            var operation = (ImageOperation)random.NextInt((int)ImageOperation.Identity + 1);
            operation.Apply(now, next, size, Amount(operation, _magnitude, random.NextInt(2) == 0, size));
            (now, next) = (next, now);
        }

        for (var i = 0; i < result.Length; i++)
            result[i] = now[i] / 255f;
    }

    /// <summary>An operation's amount at a magnitude; operations that have two directions go the other way if asked to.</summary>
    internal static double Amount(ImageOperation operation, int magnitude, bool reversed, ImageSize size)
    {
        var sign = reversed ? -1 : 1;
        var share = magnitude / (double)MaxMagnitude;
        return operation switch
        {
            ImageOperation.Posterize => 8 - Math.Round(magnitude / 7.5, MidpointRounding.ToEven),
            ImageOperation.Rotate => sign * 30 * share,
            ImageOperation.Solarize => 255 - (8.5 * magnitude),
            ImageOperation.ShearX or ImageOperation.ShearY => sign * 0.3 * share,
            ImageOperation.TranslateX => sign * (int)(150.0 / 331 * size.Width * share),
            ImageOperation.TranslateY => sign * (int)(150.0 / 331 * size.Height * share),
            ImageOperation.Color or ImageOperation.Contrast or ImageOperation.Brightness or ImageOperation.Sharpness => 1 + (sign * 0.9 * share),
            _ => 0,
        };
    }
}
