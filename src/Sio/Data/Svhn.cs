using Sio.Data.Store;

namespace Sio.Data;

/// <summary>
/// SVHN's cropped digits: 73,257 and 26,032 colour images of house numbers, 32×32 (Netzer, Wang, Coates, Bissacco, Wu and Ng 2011, "Reading digits in natural images
/// with unsupervised feature learning"), as <c>train_32x32.mat</c> and <c>test_32x32.mat</c> of http://ufldl.stanford.edu/housenumbers/.
/// </summary>
public static class Svhn
{
    private const int Channels = 3, Classes = 10;

    /// <summary>The ten digits, in the order of the labels: label 0 is the digit 0, which the files call 10.</summary>
    public static IReadOnlyList<string> ClassNames { get; } = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

    /// <summary>Loads one split.</summary>
    /// <param name="split">Train or test.</param>
    /// <param name="path">The folder of the two files, or one of them; null for the data store (<c>sio data fetch svhn</c>).</param>
    /// <exception cref="DataException">A file is missing, damaged, or has a label beyond 0 to 10.</exception>
    public static ImageSet Load(Split split, string? path = null)
    {
        var place = path ?? DataStore.Default.Find("svhn");
        return LoadFile(File.Exists(place) ? place : Path.Combine(place, split == Split.Train ? "train_32x32.mat" : "test_32x32.mat"));
    }

    /// <summary>Loads a file of cropped digits, such as <c>extra_32x32.mat</c>.</summary>
    /// <param name="path">A MATLAB file with <c>X</c>, uint8 (H, W, 3, N), and <c>y</c>, N labels from 1 to 10, of which 10 (or 0) is the digit 0.</param>
    /// <exception cref="DataException">The file is missing, damaged, or has other arrays.</exception>
    public static ImageSet LoadFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var arrays = MatFile.Read(path, "X", "y");
        var (images, labels) = (arrays["X"], arrays["y"]);
        if (images.Stored != MatType.UInt8 || images.Shape is not ([_, _, Channels] or [_, _, Channels, _]) || images.Bytes.Length == 0)
            throw new DataException($"{path}: 'X' is {string.Join('×', images.Shape)} of {images.Stored}, H×W×3×N of UInt8 was expected");
        // MATLAB drops a last size of 1.
        var (height, width, count) = (images.Shape[0], images.Shape[1], images.Shape.Length == 4 ? images.Shape[3] : 1);
        var digits = labels.Integers(path);
        if (digits.Length != count)
            throw new DataException($"{path}: 'y' has {digits.Length} labels, {count} were expected, one per image");
        var bad = Array.FindIndex(digits, digit => digit is < 0 or > Classes);
        if (bad >= 0)
            throw new DataException($"{path}: image {bad} has the label {digits[bad]}, 1 to 10 was expected");
        return new ImageSet(
            "svhn", RowByRow(images.Bytes, height, width), Array.ConvertAll(digits, digit => (int)(digit % Classes)), Channels, height, width, Classes, ClassNames);
    }

    // The file has each channel column by column.
    private static byte[] RowByRow(ReadOnlyMemory<byte> columns, int height, int width)
    {
        var pixels = GC.AllocateUninitializedArray<byte>(columns.Length);
        var area = height * width;
        Parallel.For(0, columns.Length / area, plane =>
        {
            var from = columns.Span.Slice(plane * area, area);
            var to = pixels.AsSpan(plane * area, area);
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++)
                    to[(y * width) + x] = from[(x * height) + y];
            }
        });
        return pixels;
    }
}
