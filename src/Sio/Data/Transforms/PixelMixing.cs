namespace Sio.Data.Transforms;

/// <summary>
/// PixMix's two ways to mix a picture y into an image x (Hendrycks et al. 2022, appendix with pseudocode and the authors' code), both with random coefficients (a, b), on values of 0 to 1:
/// a·x and b·y are added on the scale −1 to 1, or x^a and y^b multiplied on the scale 0 to 2. Values beyond 0 to 1 are cut off.
/// </summary>
internal static class PixelMixing
{
    private const int Levels = 256;

    /// <summary>
    /// Draws (a, b): one time in two a from Beta(β, 1) and b from Beta(1, β), both positive, else a = 1 + Beta(1, β) and b = −Beta(1, β). The larger β, the nearer a is to 1 and b to 0.
    /// </summary>
    internal static (float A, float B) Coefficients(RandomStream random, double beta) => random.NextInt(2) == 0
        ? ((float)random.Beta(beta, 1), (float)random.Beta(1, beta))
        : (1 + (float)random.Beta(1, beta), -(float)random.Beta(1, beta));

    /// <summary>x ← (a·(2x − 1) + b·(2y − 1) + 1)/2.</summary>
    internal static void Add(Span<float> image, ReadOnlySpan<byte> picture, float a, float b)
    {
        Span<float> table = stackalloc float[Levels];
        for (var level = 0; level < Levels; level++)
            table[level] = ((b * ((2 * (level / 255f)) - 1)) + 1 - a) / 2;
        for (var i = 0; i < image.Length; i++)
            image[i] = Math.Clamp((a * image[i]) + table[picture[i]], 0f, 1f);
    }

    /// <summary>x ← (2x)^a·(2y)^b/2; 2y is 10⁻³⁷ at least, so that a negative b gives a finite number.</summary>
    internal static void Multiply(Span<float> image, ReadOnlySpan<byte> picture, float a, float b)
    {
        Span<float> table = stackalloc float[Levels];
        for (var level = 0; level < Levels; level++)
            table[level] = MathF.Pow(Math.Max(2 * (level / 255f), 1e-37f), b) / 2;
        for (var i = 0; i < image.Length; i++)
            image[i] = Math.Clamp(MathF.Pow(2 * image[i], a) * table[picture[i]], 0f, 1f);
    }
}
