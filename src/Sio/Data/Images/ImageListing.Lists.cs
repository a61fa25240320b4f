using System.Globalization;

namespace Sio.Data.Images;

/// <content>Image lists.</content>
public sealed partial class ImageListing
{
    /// <summary>Labels must be below this; larger ones are taken for damage.</summary>
    public const int MaxClasses = 1 << 20;

    /// <summary>Reads a list as OpenOOD has them: on each line the path of an image and, after the last blank, its label.</summary>
    /// <param name="list">The list, UTF-8 text. Empty lines are passed over; paths may have blanks in them.</param>
    /// <param name="root">The folder that the paths start from.</param>
    /// <param name="classCount">The number of classes; null for as many as the highest label needs.</param>
    /// <exception cref="DataException">
    /// The list is missing or has no images, or a line has no path, leads out of the root or has a label other than 0 to <paramref name="classCount"/> − 1 or
    /// <see cref="ImageSet.OodLabel"/>. Whether the images are there shows when they are read.
    /// </exception>
    public static ImageListing FromList(string list, string root, int? classCount = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(list);
        ArgumentException.ThrowIfNullOrEmpty(root);
        ArgumentOutOfRangeException.ThrowIfNegative(classCount ?? 0);
        var images = DataFile.Read(list, stream =>
        {
            var images = new List<ListedImage>();
            using var reader = new StreamReader(stream);
            for (var number = 1; reader.ReadLine() is { } line; number++)
            {
                if (!string.IsNullOrWhiteSpace(line))
                    images.Add(Parse(line.AsSpan().Trim(), $"{list}: line {number}", (classCount ?? MaxClasses) - 1));
            }

            return images;
        });
        if (images.Count == 0)
            throw new DataException($"{list}: names no images, lines of a path and a label were expected.");
        return new ImageListing(root, list, images, classCount ?? images.Max(image => image.Label) + 1, null);
    }

    private static ListedImage Parse(ReadOnlySpan<char> line, string where, int highest)
    {
        var blank = line.LastIndexOfAny(' ', '\t');
        if (blank < 0 || !int.TryParse(line[(blank + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var label))
            throw new DataException($"{where} is {DataFile.Quote(line)}, a path, a blank and a label were expected.");
        if (label < ImageSet.OodLabel || label > highest)
            throw new DataException($"{where} has the label {label}, {ImageSet.OodLabel} to {highest} was expected.");
        var path = line[..blank].TrimEnd().ToString();
        if (Path.IsPathRooted(path) || path.Split('/').Contains(".."))
            throw new DataException($"{where} names {DataFile.Quote(path)}, a path below the root was expected.");
        return new ListedImage(path, label);
    }
}
