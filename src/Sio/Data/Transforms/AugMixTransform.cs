namespace Sio.Data.Transforms;

/// <summary>
/// AugMix (Hendrycks et al. 2020, "AugMix: A Simple Data Processing Method to Improve Robustness and Uncertainty", algorithm 1): several chains of random operations, each from the image
/// itself, are averaged with weights from Dirichlet(α, …, α), and the average is blended with the image, (1 − m)·x + m·mix with m from Beta(α, α).
/// </summary>
public sealed class AugMixTransform : ImageTransform
{
    private readonly int _severity;
    private readonly int _width;
    private readonly int _depth;
    private readonly double _alpha;
    private readonly bool _all;

    /// <summary>Takes the settings.</summary>
    /// <param name="severity">Of the operations, 1 to 10.</param>
    /// <param name="width">Chains, ≥ 1.</param>
    /// <param name="depth">Operations per chain; below 1 each chain draws 1, 2 or 3.</param>
    /// <param name="alpha">α &gt; 0.</param>
    /// <param name="allOperations">Whether color, contrast, brightness and sharpness are among the operations.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public AugMixTransform(int severity, int width, int depth, double alpha, bool allOperations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(severity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(severity, 10);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(alpha);
        (_severity, _width, _depth, _alpha, _all) = (severity, width, depth, alpha, allOperations);
    }

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<byte> image, Span<float> result, ImageSize size, RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var shares = new double[_width];
        random.Dirichlet(_alpha, shares);
        var mixed = random.Beta(_alpha, _alpha);
        result.Clear();
        AddTo(result, image, 1 - mixed);
        byte[] now = new byte[image.Length], next = new byte[image.Length];
        foreach (var share in shares)
        {
            image.CopyTo(now);
            for (var left = _depth > 0 ? _depth : 1 + random.NextInt(3); left > 0; left--)
            {
                SeverityOperations.Apply(now, next, size, _all, _severity, random);
                (now, next) = (next, now);
            }

            AddTo(result, now, mixed * share);
        }
    }

    private static void AddTo(Span<float> sum, ReadOnlySpan<byte> image, double share)
    {
        var scale = (float)(share / 255);
        for (var i = 0; i < sum.Length; i++)
            sum[i] += image[i] * scale;
    }
}
