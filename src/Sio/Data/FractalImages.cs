namespace Sio.Data;

/// <summary>
/// Coloured fractals: attractors of random iterated function systems (Barnsley 1988), drawn by the chaos game. They stand in for PixMix's mixing set where no pictures are at hand; like its
/// fractals they have structure at all scales and show nothing.
/// </summary>
/// <remarks>
/// A system has two to five affine maps x ↦ A x + t, each A a turn, a scaling of both axes by 0.3 to 0.9, and another turn or mirror, so that each contracts and the attractor is bounded. A map
/// is taken with a probability near its |det A|, which spreads the points evenly. A point's colour is the mean of its last colour and the map's. The brightness is the logarithm of the points
/// per pixel, over a background that runs from one dark colour to another. A system that covers less than a quarter of the pixels is drawn again. An image depends on the seed and its number
/// alone.
/// </remarks>
public static class FractalImages
{
    private const int MaxTries = 40;
    private const int PointsPerPixel = 24;
    private const double LeastCover = 0.25;

    /// <summary>Makes fractals, labelled out-of-distribution.</summary>
    /// <param name="count">≥ 0.</param>
    /// <param name="channels">3 for colour; otherwise every channel is one of the colours' channels.</param>
    /// <param name="height">≥ 1.</param>
    /// <param name="width">≥ 1.</param>
    /// <param name="seed">Any number.</param>
    /// <exception cref="ArgumentException">A size is out of range, or the set would exceed 2 GiB.</exception>
    public static ImageSet Make(int count, int channels, int height, int width, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        var length = (Int128)channels * height * width;
        if (length * Math.Max(count, 1) > Array.MaxLength)
            throw new ArgumentException(ImageSet.Text($"{count} images of {channels}×{height}×{width} are too many for one set, at most {Array.MaxLength} bytes are possible."), nameof(count));
        var pixels = new byte[count * (int)length];
        for (var i = 0; i < count; i++)
            Draw(RandomStream.For(seed, "fractal", i), pixels.AsSpan(i * (int)length, (int)length), channels, height, width);
        var labels = new int[count];
        Array.Fill(labels, ImageSet.OodLabel);
        return new ImageSet("fractals", pixels, labels, channels, height, width, 0);
    }

    private static void Draw(RandomStream random, Span<byte> image, int channels, int height, int width)
    {
        var canvas = new Canvas(channels, height, width);
        for (var tries = 1; ; tries++)
        {
            var maps = Maps(random, channels);
            canvas.Clear();
            Play(maps, random, canvas);
            if (tries == MaxTries || canvas.Cover >= LeastCover)
                break;
        }

        canvas.Paint(image, Colour(random, channels, 0.5), Colour(random, channels, 0.5), random.NextDouble());
    }

    private static Map[] Maps(RandomStream random, int channels)
    {
        var maps = new Map[2 + random.NextInt(4)];
        var total = 0.0;
        for (var i = 0; i < maps.Length; i++)
        {
            double first = random.NextDouble(), second = random.NextDouble();
            double c1 = StableMath.CosTurns(first), s1 = StableMath.SinTurns(first), c2 = StableMath.CosTurns(second), s2 = StableMath.SinTurns(second);
            double along = 0.3 + (0.6 * random.NextDouble()), across = (0.3 + (0.6 * random.NextDouble())) * (random.NextInt(2) == 0 ? 1 : -1);

            // Turn · scaling · turn. The share of a flat map is kept off 0, else it would never be seen.
            var share = Math.Max(Math.Abs(along * across), 0.05);
            maps[i] = new Map(
                (c1 * along * c2) - (s1 * across * s2), -(c1 * along * s2) - (s1 * across * c2), (2 * random.NextDouble()) - 1,
                (s1 * along * c2) + (c1 * across * s2), -(s1 * along * s2) + (c1 * across * c2), (2 * random.NextDouble()) - 1,
                total += share,
                Colour(random, channels, 1));
        }

        return maps;
    }

    private static double[] Colour(RandomStream random, int channels, double brightest)
    {
        var colour = new double[channels];
        foreach (ref var value in colour.AsSpan())
            value = brightest * random.NextDouble();
        return colour;
    }

    // The chaos game: first without drawing, to land on the attractor and see how large it is, then into the frame that it fills.
    private static void Play(Map[] maps, RandomStream random, Canvas canvas)
    {
        const int landing = 30, measuring = 500;
        var total = maps[^1].UpTo;
        double x = 0, y = 0, left = double.MaxValue, right = double.MinValue, top = double.MaxValue, bottom = double.MinValue;
        for (var i = 0; i < landing + measuring; i++)
        {
            (x, y) = Choose(maps, random.NextDouble() * total).Of(x, y);
            if (i < landing)
                continue;
            (left, right, top, bottom) = (Math.Min(left, x), Math.Max(right, x), Math.Min(top, y), Math.Max(bottom, y));
        }

        var colour = new double[canvas.Channels];
        var (scaleX, scaleY) = (canvas.Width / Math.Max(right - left, 1e-9), canvas.Height / Math.Max(bottom - top, 1e-9));
        for (var i = 0; i < PointsPerPixel * canvas.Width * canvas.Height; i++)
        {
            var map = Choose(maps, random.NextDouble() * total);
            (x, y) = map.Of(x, y);
            for (var c = 0; c < colour.Length; c++)
                colour[c] = (colour[c] + map.Colour[c]) / 2;
            canvas.Add((x - left) * scaleX, (y - top) * scaleY, colour);
        }
    }

    private static Map Choose(Map[] maps, double place)
    {
        var i = 0;
        while (i < maps.Length - 1 && place >= maps[i].UpTo)
            i++;
        return maps[i];
    }

    /// <summary>(x, y) ↦ (XX·x + XY·y + X, YX·x + YY·y + Y), taken where the draw is below UpTo and not below that of the map before.</summary>
    private sealed record Map(double XX, double XY, double X, double YX, double YY, double Y, double UpTo, double[] Colour)
    {
        internal (double X, double Y) Of(double x, double y) => ((XX * x) + (XY * y) + X, (YX * x) + (YY * y) + Y);
    }

    /// <summary>Points and their colours per pixel.</summary>
    private sealed class Canvas(int channels, int height, int width)
    {
        private readonly int[] _points = new int[height * width];
        private readonly double[] _colours = new double[channels * height * width];

        internal int Channels => channels;

        internal int Height => height;

        internal int Width => width;

        /// <summary>Share of pixels with a point.</summary>
        internal double Cover => _points.Count(points => points > 0) / (double)_points.Length;

        internal void Clear()
        {
            Array.Clear(_points);
            Array.Clear(_colours);
        }

        internal void Add(double x, double y, double[] colour)
        {
            // Few points lie outside the frame, which was measured by fewer points.
            if (!(x >= 0 && x < width && y >= 0 && y < height))
                return;
            var place = ((int)y * width) + (int)x;
            _points[place]++;
            for (var c = 0; c < channels; c++)
                _colours[(c * _points.Length) + place] += colour[c];
        }

        /// <summary>The background runs from one colour to the other, in a direction given in turns.</summary>
        internal void Paint(Span<byte> image, double[] first, double[] second, double direction)
        {
            var most = StableMath.Log(1 + _points.Max());
            double perColumn = StableMath.CosTurns(direction) / width, perRow = StableMath.SinTurns(direction) / height;
            for (var place = 0; place < _points.Length; place++)
            {
                var points = _points[place];
                var shown = points == 0 ? 0 : 0.3 + (0.7 * StableMath.Log(1 + points) / most);
                var along = Math.Clamp(0.5 + ((place % width) - (width / 2.0)) * perColumn + (((place / width) - (height / 2.0)) * perRow), 0, 1);
                for (var c = 0; c < channels; c++)
                {
                    var ground = first[c] + (along * (second[c] - first[c]));
                    var colour = points == 0 ? 0 : _colours[(c * _points.Length) + place] / points;
                    image[(c * _points.Length) + place] = (byte)Math.Clamp(Math.Round(255 * ((ground * (1 - shown)) + (colour * shown))), 0, 255);
                }
            }
        }
    }
}
