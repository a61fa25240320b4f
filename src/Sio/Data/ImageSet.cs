using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Sio.Data;

/// <summary>
/// Labelled images, 8 bits per channel, all of one size: the form in which every data set, real or synthetic, goes through the framework. They are in memory, or, where they are too many for that,
/// read one by one from an <see cref="IImageSource"/>. A set is not changed after its making; subsets copy the images they keep, or, of a set that is read from files, note which they are.
/// </summary>
public sealed partial class ImageSet
{
    /// <summary>The label of an out-of-distribution image.</summary>
    public const int OodLabel = -1;

    private readonly Lazy<string> _contentHash;

    /// <summary>Makes a set of arrays that the caller hands over and no longer changes.</summary>
    /// <param name="name">A short name for tables and files, e.g. <c>fashion-mnist-6</c>.</param>
    /// <param name="pixels">0 to 255; image by image, channel by channel, row by row (N×C×H×W).</param>
    /// <param name="labels">One per image: 0 to <paramref name="classCount"/> − 1, or <see cref="OodLabel"/>.</param>
    /// <param name="channels">1 for grey, 3 for RGB; any number ≥ 1.</param>
    /// <param name="height">Rows per image, ≥ 1.</param>
    /// <param name="width">Pixels per row, ≥ 1.</param>
    /// <param name="classCount">The number of classes, ≥ 0.</param>
    /// <param name="classNames">A name per class, or null if there are none.</param>
    /// <exception cref="ArgumentException">Sizes, counts or labels do not fit together.</exception>
    public ImageSet(
        string name,
        byte[] pixels,
        int[] labels,
        int channels,
        int height,
        int width,
        int classCount,
        IReadOnlyList<string>? classNames = null)
        : this(name, labels, new ImageSize(channels, height, width), classCount, classNames)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        if (LengthOf(channels, height, width) * labels.Length != pixels.Length)
            throw new ArgumentException(Text($"{pixels.Length} pixel values are not {labels.Length} images of {channels}×{height}×{width}."), nameof(pixels));
        _pixels = pixels;
    }

    /// <summary>Makes a set whose images are read where they are needed, several at a time by those that need many.</summary>
    /// <param name="name">A short name for tables and files.</param>
    /// <param name="source">The images.</param>
    /// <param name="labels">One per image of the source, in an array that the caller hands over: 0 to <paramref name="classCount"/> − 1, or <see cref="OodLabel"/>.</param>
    /// <param name="classCount">The number of classes, ≥ 0.</param>
    /// <param name="classNames">A name per class, or null if there are none.</param>
    /// <param name="threads">Images read at a time; 0 for one per processor.</param>
    /// <exception cref="ArgumentException">Counts or labels do not fit together.</exception>
    public ImageSet(string name, IImageSource source, int[] labels, int classCount, IReadOnlyList<string>? classNames = null, int threads = 0)
        : this(name, source, null, labels, classCount, classNames, threads)
    {
        if (labels.Length != source.Count)
            throw new ArgumentException(Text($"{labels.Length} labels for {source.Count} images."), nameof(labels));
    }

    private ImageSet(string name, IImageSource source, int[]? places, int[] labels, int classCount, IReadOnlyList<string>? classNames, int threads)
        : this(name, labels, SizeOf(source), classCount, classNames)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        if (LengthOf(Channels, Height, Width) > Array.MaxLength)
            throw new ArgumentException(Text($"Images of {Channels}×{Height}×{Width} are too large."), nameof(source));
        (_source, _places) = (source, places);
        ReadingThreads = threads == 0 ? Environment.ProcessorCount : threads;
    }

    private ImageSet(string name, int[] labels, ImageSize size, int classCount, IReadOnlyList<string>? classNames)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(labels);
        var (channels, height, width) = size;
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(classCount);
        if (classNames is not null && classNames.Count != classCount)
            throw new ArgumentException(Text($"{classNames.Count} class names for {classCount} classes."), nameof(classNames));
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] < OodLabel || labels[i] >= classCount)
                throw new ArgumentException(Text($"Label {labels[i]} of image {i} is neither in 0..{classCount - 1} nor {OodLabel}."), nameof(labels));
        }

        Name = name;
        Labels = labels;
        (Channels, Height, Width) = (channels, height, width);
        ClassCount = classCount;
        ClassNames = classNames;
        ImageLength = (int)Int128.Min(LengthOf(channels, height, width), int.MaxValue);
        ReadingThreads = 1;
        _contentHash = new Lazy<string>(ComputeHash);
    }

    /// <summary>A short name for tables and files.</summary>
    public string Name { get; }

    /// <summary>One per image: 0 to <see cref="ClassCount"/> − 1, or <see cref="OodLabel"/>. Not to be changed.</summary>
    public int[] Labels { get; }

    /// <summary>The number of images, ≥ 0.</summary>
    public int Count => Labels.Length;

    /// <summary>Channels per image.</summary>
    public int Channels { get; }

    /// <summary>Rows per image.</summary>
    public int Height { get; }

    /// <summary>Pixels per row.</summary>
    public int Width { get; }

    /// <summary>Bytes per image: <see cref="Channels"/> × <see cref="Height"/> × <see cref="Width"/>.</summary>
    public int ImageLength { get; }

    /// <summary>The number of classes; 0 in a set that is out-of-distribution as a whole.</summary>
    public int ClassCount { get; }

    /// <summary>A name per class, or null if there are none.</summary>
    public IReadOnlyList<string>? ClassNames { get; }

    /// <summary>
    /// SHA-256 over the shape, the pixels and the labels, in lower-case hexadecimal: equal for sets that train and score
    /// alike, whatever their names. Over these bytes: <c>"sio-image-set 1\n"</c>; count, channels, height and width as
    /// little-endian 32-bit integers; the pixels; the labels as little-endian 32-bit integers.
    /// </summary>
    /// <remarks>
    /// The pixels of a set that is read from files are not read for this: its hash begins with <c>"sio-streamed-image-set 1\n"</c> and has, in place of the pixels, what each image is
    /// (<see cref="IImageSource.Identity"/>: path, length of the file, preparation) and a line feed. So it is another than the hash of the same images in memory, and a file that is replaced by one
    /// of the same length is not noticed.
    /// </remarks>
    public string ContentHash => _contentHash.Value;

    /// <summary>How many images each class has.</summary>
    /// <returns>One count per class; out-of-distribution images are in none.</returns>
    public int[] CountPerClass()
    {
        var counts = new int[ClassCount];
        foreach (var label in Labels)
            if (label >= 0)
                counts[label]++;
        return counts;
    }

    /// <summary>Name, number of images, shape and classes on one line.</summary>
    public override string ToString() => Text($"{Name}: {Count} images of {Channels}×{Height}×{Width}, {ClassCount} classes");

    internal static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static Int128 LengthOf(int channels, int height, int width) => (Int128)channels * height * width;

    private static ImageSize SizeOf(IImageSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source.Size;
    }

    private string ComputeHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes(IsStreamed ? "sio-streamed-image-set 1\n" : "sio-image-set 1\n"));
        AppendInts(hash, [Count, Channels, Height, Width]);
        if (_pixels is not null)
            hash.AppendData(_pixels);
        for (var i = 0; _pixels is null && i < Count; i++)
            hash.AppendData(Encoding.UTF8.GetBytes(IdentityOf(i) + "\n"));
        AppendInts(hash, Labels);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void AppendInts(IncrementalHash hash, ReadOnlySpan<int> values)
    {
        var copy = values.ToArray();
        if (!BitConverter.IsLittleEndian)
            System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(copy, copy);
        hash.AppendData(MemoryMarshal.AsBytes<int>(copy));
    }
}
