namespace Sio.Data.Transforms;

/// <summary>
/// PixMix (Hendrycks et al. 2022, "PixMix: Dreamlike Pictures Comprehensively Improve Safety Measures", figure 5): the image, one time in two changed by a random operation, is mixed up to k times
/// with a picture of the mixing set or, one time in two, with a changed copy of itself, by adding or multiplying.
/// </summary>
public sealed class PixMixTransform : ImageTransform
{
    private readonly ImageSet _pictures;
    private readonly int _k;
    private readonly double _beta;
    private readonly int _severity;
    private readonly bool _all;

    /// <summary>Takes the mixing set and the settings.</summary>
    /// <param name="pictures">The mixing set; of the images' channels and at least their size: a piece of their size is cut out of a larger picture at random.</param>
    /// <param name="k">Most times an image is mixed: 0 to k, all equally likely.</param>
    /// <param name="beta">β &gt; 0: the smaller, the stronger the mixing.</param>
    /// <param name="severity">Of the operations, 1 to 10.</param>
    /// <param name="allOperations">Whether color, contrast, brightness and sharpness are among the operations.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range, or there are no pictures.</exception>
    public PixMixTransform(ImageSet pictures, int k, double beta, int severity, bool allOperations)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentOutOfRangeException.ThrowIfLessThan(pictures.Count, 1, nameof(pictures));
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(beta);
        ArgumentOutOfRangeException.ThrowIfLessThan(severity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(severity, 10);
        (_pictures, _k, _beta, _severity, _all) = (pictures, k, beta, severity, allOperations);
    }

    /// <inheritdoc/>
    public override string ContentHash => _pictures.ContentHash;

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<byte> image, Span<float> result, ImageSize size, RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(random);
        byte[] picture = new byte[image.Length], changed = new byte[image.Length];
        Draw(picture, size, random);
        var start = image;
        if (random.NextInt(2) == 0)
        {
            SeverityOperations.Apply(image, changed, size, _all, _severity, random);
            start = changed;
        }

        for (var i = 0; i < result.Length; i++)
            result[i] = start[i] / 255f;
        for (var left = random.NextInt(_k + 1); left > 0; left--)
        {
            var other = picture;
            if (random.NextInt(2) == 0)
            {
                SeverityOperations.Apply(image, changed, size, _all, _severity, random);
                other = changed;
            }

            var add = random.NextInt(2) == 0;
            var (a, b) = PixelMixing.Coefficients(random, _beta);
            if (add)
                PixelMixing.Add(result, other, a, b);
            else
                PixelMixing.Multiply(result, other, a, b);
        }
    }

    // A picture of the set, or a piece of it at a random place.
    private void Draw(Span<byte> picture, ImageSize size, RandomStream random)
    {
        var whole = _pictures.Image(random.NextInt(_pictures.Count));
        int top = random.NextInt(_pictures.Height - size.Height + 1), left = random.NextInt(_pictures.Width - size.Width + 1);
        for (var c = 0; c < size.Channels; c++)
        {
            for (var y = 0; y < size.Height; y++)
            {
                var row = whole.Slice((((c * _pictures.Height) + top + y) * _pictures.Width) + left, size.Width);
                row.CopyTo(picture.Slice(((c * size.Height) + y) * size.Width, size.Width));
            }
        }
    }
}
