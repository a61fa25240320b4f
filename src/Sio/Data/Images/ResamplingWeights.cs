namespace Sio.Data.Images;

/// <summary>
/// The weights with which pixels along one side make those of another length, in fixed point with <see cref="Bits"/> bits after the point: what PIL's resize works with.
/// Pixel i of n lies at i + ½; output pixel j of m is centred at (j + ½)·n/m, and its filter is stretched by max(1, n/m), so that every input pixel counts.
/// </summary>
internal sealed class ResamplingWeights
{
    /// <summary>8 bits of the pixel, 2 for sums that overshoot and 22 of the weight make 32.</summary>
    public const int Bits = 32 - 8 - 2;

    private ResamplingWeights(int[] first, int[] counts, int[] weights, int stride) => (First, Counts, Weights, Stride) = (first, counts, weights, stride);

    /// <summary>The first input pixel of each output pixel.</summary>
    public int[] First { get; }

    /// <summary>How many input pixels each output pixel is made of, ≥ 1.</summary>
    public int[] Counts { get; }

    /// <summary>The weights, <see cref="Stride"/> apart for one output pixel and the next.</summary>
    public int[] Weights { get; }

    /// <summary>
    /// Room for the weights of one output pixel: an even number, and 0 in what is not needed, so that they can be taken two at a time.
    /// </summary>
    public int Stride { get; }

    /// <summary>The weights of all output pixels.</summary>
    public static ResamplingWeights Create(int inputLength, int outputLength, Resampling resampling) =>
        Create(inputLength, outputLength, resampling, 0, outputLength);

    /// <summary>The weights of some output pixels.</summary>
    /// <param name="inputLength">Pixels of the whole input.</param>
    /// <param name="outputLength">Pixels of the whole output.</param>
    /// <param name="resampling">How.</param>
    /// <param name="from">The first output pixel.</param>
    /// <param name="length">How many.</param>
    public static ResamplingWeights Create(int inputLength, int outputLength, Resampling resampling, int from, int length)
    {
        Func<double, double> filter = resampling == Resampling.Bilinear ? Triangle : Cubic;
        var scale = (double)inputLength / outputLength;
        var stretch = Math.Max(scale, 1.0);
        var support = (resampling == Resampling.Bilinear ? 1.0 : 2.0) * stretch;
        var stride = ((int)Math.Ceiling(support) * 2) + 2;
        int[] first = new int[length], counts = new int[length], weights = new int[length * stride];
        var exact = new double[stride];
        for (var j = 0; j < length; j++)
        {
            var centre = (from + j + 0.5) * scale;
            var start = Math.Max(0, (int)(centre - support + 0.5));
            var count = Math.Min(inputLength, (int)(centre + support + 0.5)) - start;
            var sum = 0.0;
            for (var i = 0; i < count; i++)
                sum += exact[i] = filter((i + start - centre + 0.5) * (1.0 / stretch));
            for (var i = 0; i < count; i++)
            {
                var weight = (sum == 0 ? exact[i] : exact[i] / sum) * (1 << Bits);
                weights[(j * stride) + i] = (int)(weight + (weight < 0 ? -0.5 : 0.5));
            }

            (first[j], counts[j]) = (start, count);
        }

        return new ResamplingWeights(first, counts, weights, stride);
    }

    /// <summary>The input pixels that are needed: the first, and how many.</summary>
    /// <remarks>Centres rise and filters are of one width, so both ends rise too.</remarks>
    public (int From, int Length) Input => (First[0], First[^1] + Counts[^1] - First[0]);

    /// <summary>The same weights for an input that begins at <see cref="Input"/>.</summary>
    public ResamplingWeights FromInput()
    {
        var start = First[0];
        return new ResamplingWeights(Array.ConvertAll(First, first => first - start), Counts, Weights, Stride);
    }

    private static double Triangle(double x) => Math.Max(0, 1 - Math.Abs(x));

    private static double Cubic(double x)
    {
        const double a = -0.5;
        x = Math.Abs(x);
        return x < 1 ? ((((a + 2) * x) - (a + 3)) * x * x) + 1
            : x < 2 ? ((((x - 5) * x) + 8) * x - 4) * a
            : 0;
    }
}
