namespace Sio.Data.Transforms;

/// <summary>
/// The random operations of AugMix (Hendrycks et al. 2020) and PixMix (Hendrycks et al. 2022): one of nine, or of thirteen, with an amount that grows with the severity s. A level u is drawn
/// uniformly from 0.1 to s, and as the authors have it,
/// <c>posterize</c> keeps 4 − ⌊0.4u⌋ bits, <c>rotate</c> turns by ±⌊3u⌋ degrees, <c>solarize</c> inverts from 256 − ⌊25.6u⌋ on, <c>shear</c> is by ±0.03u, <c>translate</c> by ±⌊u·side/30⌋ pixels,
/// and <c>color</c>, <c>contrast</c>, <c>brightness</c>, <c>sharpness</c> have the factor 0.18u + 0.1.
/// </summary>
internal static class SeverityOperations
{
    private const int Plain = (int)ImageOperation.TranslateY + 1;
    private const int WithEnhancements = (int)ImageOperation.Sharpness + 1;

    /// <summary>Draws an operation and does it.</summary>
    /// <param name="image">Channels × height × width.</param>
    /// <param name="result">As much, other memory.</param>
    /// <param name="size">The image's size.</param>
    /// <param name="all">Whether the last four are among them: corruption benchmarks have those, too.</param>
    /// <param name="severity">s, 1 to 10.</param>
    /// <param name="random">Draws.</param>
    internal static void Apply(ReadOnlySpan<byte> image, Span<byte> result, ImageSize size, bool all, int severity, RandomStream random)
    {
        var operation = (ImageOperation)random.NextInt(all ? WithEnhancements : Plain);
        var level = 0.1 + (random.NextDouble() * (severity - 0.1));
        operation.Apply(image, result, size, Amount(operation, level, random.NextInt(2) == 0, size));
    }

    /// <summary>An operation's amount at a level; operations that have two directions go the other way if asked to.</summary>
    internal static double Amount(ImageOperation operation, double level, bool reversed, ImageSize size)
    {
        var sign = reversed ? -1 : 1;
        return operation switch
        {
            ImageOperation.Posterize => 4 - (int)(level * 4 / 10),
            ImageOperation.Rotate => sign * (int)(level * 30 / 10),
            ImageOperation.Solarize => 256 - (int)(level * 256 / 10),
            ImageOperation.ShearX or ImageOperation.ShearY => sign * level * 0.3 / 10,
            ImageOperation.TranslateX => sign * (int)(level * (size.Width / 3.0) / 10),
            ImageOperation.TranslateY => sign * (int)(level * (size.Height / 3.0) / 10),
            ImageOperation.Color or ImageOperation.Contrast or ImageOperation.Brightness or ImageOperation.Sharpness => (level * 1.8 / 10) + 0.1,
            _ => 0,
        };
    }
}
