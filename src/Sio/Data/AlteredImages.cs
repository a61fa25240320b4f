namespace Sio.Data;

/// <summary>
/// Out-of-distribution images made of in-distribution ones, to choose hyper-parameters with where no real OOD images may be looked at: the validation
/// distributions of Hendrycks, Mazeika and Dietterich 2019, "Deep Anomaly Detection with Outlier Exposure" (arXiv 1812.04606), less its uniform noise, which is a
/// test set here (<see cref="NoiseImages"/>). No kind equals a made-up test set.
/// </summary>
/// <remarks>
/// <para><c>arithmetic_mean</c>: (x + y)/2 with an image y of another class; <c>geometric_mean</c>: √(x·y), likewise.</para>
/// <para><c>jigsaw</c>: 4 × 4 equal patches (fewer where a side is shorter than 4), none at its own place; what does not divide by 4 stays.</para>
/// <para><c>speckle</c>: x + x·z with z normal, cut to 0 to 255. <c>pixelate</c>: means over blocks, a fifth as many as pixels along each side.</para>
/// <para><c>invert</c>: 255 − x in all channels but the first; in the only one of grey images. <c>ghost</c>, for two channels and more: each channel holds the next one, and the
/// first of them mirrored.</para>
/// </remarks>
public static class AlteredImages
{
    private const int JigsawPatches = 4;
    private const int BlockSide = 5;
    private const string Mean = "arithmetic_mean";
    private const string Root = "geometric_mean";

    private static readonly Dictionary<string, Alter> s_kinds = new(StringComparer.Ordinal)
    {
        [Mean] = static (image, other, _, _) => Zip(image, other, static (x, y) => (x + y) / 2.0),
        [Root] = static (image, other, _, _) => Zip(image, other, static (x, y) => Math.Sqrt(x * y)),
        ["jigsaw"] = static (image, _, size, random) => Jigsaw(image, size, random),
        ["speckle"] = static (image, _, _, random) => Speckle(image, random),
        ["pixelate"] = static (image, _, size, _) => Pixelate(image, size),
        ["invert"] = static (image, _, size, _) => Invert(image, size),
        ["ghost"] = static (image, _, size, _) => Ghost(image, size),
    };

    private delegate void Alter(Span<byte> image, ReadOnlySpan<byte> other, (int Channels, int Height, int Width) size, RandomStream random);

    /// <summary>What can be made of images with so many channels.</summary>
    public static IReadOnlyList<string> Kinds(int channels) => [.. s_kinds.Keys.Where(kind => kind != "ghost" || channels > 1)];

    /// <summary>
    /// One altered image for each image of a set, in its order: the kinds in equal shares (to within one), dealt by the seed.
    /// </summary>
    /// <param name="source">ID images, with labels; at least two.</param>
    /// <param name="seed">The same seed always makes the same images.</param>
    /// <param name="name">The new set's name.</param>
    /// <returns>As many images of the same size, all labels −1.</returns>
    /// <exception cref="ArgumentException">The set has fewer than two images, so that there is no other to mix with.</exception>
    /// <exception cref="DataException">The set is read from files, and is more than 2 GB or has one that cannot be read.</exception>
    public static ImageSet Make(ImageSet source, long seed, string name)
    {
        ArgumentNullException.ThrowIfNull(source);
        var kinds = Kinds(source.Channels);
        var order = RandomStream.For(seed, "altered/kinds").Permutation(source.Count);
        return Make(source, seed, name, i => kinds[order[i] % kinds.Count]);
    }

    /// <summary>One altered image for each image of a set, all of one kind.</summary>
    /// <param name="source">ID images, with labels; at least two.</param>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="seed">The same seed always makes the same images.</param>
    /// <param name="name">The new set's name.</param>
    /// <exception cref="ArgumentException">There is no such kind for these images, or there are fewer than two images.</exception>
    public static ImageSet Make(ImageSet source, string kind, long seed, string name)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!Kinds(source.Channels).Contains(kind))
            throw new ArgumentException(ImageSet.Text($"'{kind}' is none of {string.Join(", ", Kinds(source.Channels))}."), nameof(kind));
        return Make(source, seed, name, _ => kind);
    }

    private static ImageSet Make(ImageSet source, long seed, string name, Func<int, string> kindOf)
    {
        if (source.Count < 2)
            throw new ArgumentException(ImageSet.Text($"'{source}' has too few images to mix: at least two are needed."), nameof(source));
        var pixels = source.CopyImages(0, source.Count);
        var others = new Others(source.Labels);
        var size = (source.Channels, source.Height, source.Width);
        var labels = new int[source.Count];
        Array.Fill(labels, ImageSet.OodLabel);
        for (var i = 0; i < source.Count; i++)
        {
            var kind = kindOf(i);
            var random = RandomStream.For(seed, "altered/" + kind, i);
            var other = kind is Mean or Root ? source.Image(others.Draw(i, random)) : [];
            s_kinds[kind](pixels.AsSpan(i * source.ImageLength, source.ImageLength), other, size, random);
        }

        return new ImageSet(name, pixels, labels, source.Channels, source.Height, source.Width, 0);
    }

    private static void Zip(Span<byte> image, ReadOnlySpan<byte> other, Func<int, int, double> value)
    {
        for (var i = 0; i < image.Length; i++)
            image[i] = ToByte(value(image[i], other[i]));
    }

    private static void Jigsaw(Span<byte> image, (int Channels, int Height, int Width) size, RandomStream random)
    {
        var (rows, columns) = (Math.Min(JigsawPatches, size.Height), Math.Min(JigsawPatches, size.Width));
        var (height, width) = (size.Height / rows, size.Width / columns);
        var from = OneCycle(rows * columns, random);
        var before = image.ToArray();
        for (var patch = 0; patch < from.Length; patch++)
        {
            var (top, left) = (patch / columns * height, patch % columns * width);
            var (oldTop, oldLeft) = (from[patch] / columns * height, from[patch] % columns * width);
            for (var c = 0; c < size.Channels; c++)
            {
                for (var y = 0; y < height; y++)
                    before.AsSpan((((c * size.Height) + oldTop + y) * size.Width) + oldLeft, width).CopyTo(image[((((c * size.Height) + top + y) * size.Width) + left)..]);
            }
        }
    }

    // Sattolo 1986: all orders that are one cycle, equally likely, so that nothing stays where it was.
    private static int[] OneCycle(int count, RandomStream random)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        for (var i = count - 1; i > 0; i--)
        {
            var j = random.NextInt(i);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }

    private static void Speckle(Span<byte> image, RandomStream random)
    {
        foreach (ref var value in image)
            value = ToByte(value + (value * random.NextGaussian()));
    }

    private static void Pixelate(Span<byte> image, (int Channels, int Height, int Width) size)
    {
        var (rows, columns) = (Math.Max(size.Height / BlockSide, 1), Math.Max(size.Width / BlockSide, 1));
        for (var c = 0; c < size.Channels; c++)
        {
            var plane = image.Slice(c * size.Height * size.Width, size.Height * size.Width);
            for (var block = 0; block < rows * columns; block++)
            {
                // Blocks differ by one pixel in size where the side does not divide.
                var (top, bottom) = (block / columns * size.Height / rows, ((block / columns) + 1) * size.Height / rows);
                var (left, right) = (block % columns * size.Width / columns, ((block % columns) + 1) * size.Width / columns);
                var sum = 0;
                for (var y = top; y < bottom; y++)
                {
                    foreach (var value in plane[((y * size.Width) + left)..((y * size.Width) + right)])
                        sum += value;
                }

                var mean = ToByte(sum / (double)((bottom - top) * (right - left)));
                for (var y = top; y < bottom; y++)
                    plane[((y * size.Width) + left)..((y * size.Width) + right)].Fill(mean);
            }
        }
    }

    private static void Invert(Span<byte> image, (int Channels, int Height, int Width) size)
    {
        foreach (ref var value in image[(size.Channels == 1 ? 0 : size.Height * size.Width)..])
            value = (byte)(255 - value);
    }

    private static void Ghost(Span<byte> image, (int Channels, int Height, int Width) size)
    {
        var area = size.Height * size.Width;
        var first = image[..area].ToArray();
        image[area..].CopyTo(image);
        first.CopyTo(image[(image.Length - area)..]);
        for (var y = 0; y < size.Height; y++)
            image.Slice(y * size.Width, size.Width).Reverse();
    }

    private static byte ToByte(double value) => (byte)Math.Clamp(Math.Round(value), 0, 255);

    /// <summary>Draws an image of another class; any other image where there is one class only.</summary>
    private sealed class Others
    {
        private readonly int[] _byLabel;
        private readonly int[] _groups;
        private readonly Dictionary<int, (int Start, int Count)> _classes;

        internal Others(int[] labels)
        {
            // With one class each image counts as a class of its own.
            var oneClass = labels.Distinct().Count() == 1;
            _groups = oneClass ? [.. Enumerable.Range(0, labels.Length)] : labels;
            _byLabel = [.. Enumerable.Range(0, labels.Length).OrderBy(i => _groups[i])];
            _classes = [];
            for (var start = 0; start < _byLabel.Length;)
            {
                var label = _groups[_byLabel[start]];
                var end = start;
                while (end < _byLabel.Length && _groups[_byLabel[end]] == label)
                    end++;
                _classes.Add(label, (start, end - start));
                start = end;
            }
        }

        internal int Draw(int image, RandomStream random)
        {
            var (start, count) = _classes[_groups[image]];
            var drawn = random.NextInt(_byLabel.Length - count);
            return _byLabel[drawn < start ? drawn : drawn + count];
        }
    }
}
