using System.Globalization;
using System.Text.RegularExpressions;

namespace Sio.Data.Images;

/// <content>Image lists.</content>
public sealed partial class ImageListing
{
    /// <summary>Labels must be below this; larger ones are taken for damage.</summary>
    public const int MaxClasses = 1 << 20;

    /// <summary>
    /// Reads a list as OpenOOD has them: on each line the path of an image and, after the last blank, its label, a number or <c>{'label':
    /// 3}</c>.
    /// </summary>
    /// <param name="list">
    /// The list, UTF-8 text. Empty lines are passed over; paths may have blanks in them, stand in quotes, and have backslashes between
    /// folders.
    /// </param>
    /// <param name="root">The folder that the paths start from.</param>
    /// <param name="classCount">The number of classes; null for as many as the highest label needs.</param>
    /// <param name="labelled">Whether each line must have a label. Where not, a list may also have none at all: all are out-of-distribution
    /// images then.</param>
    /// <exception cref="DataException">
    /// The list is missing or has no images, or a line has no path, leads out of the root or has a label other than 0 to <paramref name="classCount"/> − 1 or
    /// <see cref="ImageSet.OodLabel"/>. Whether the images are there shows when they are read.
    /// </exception>
    public static ImageListing FromList(string list, string root, int? classCount = null, bool labelled = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(list);
        ArgumentException.ThrowIfNullOrEmpty(root);
        ArgumentOutOfRangeException.ThrowIfNegative(classCount ?? 0);
        var images = DataFile.Read(list, stream =>
        {
            var images = new List<ListedImage>();
            using var reader = new StreamReader(stream);
            var unlabelled = 0;
            for (var number = 1; reader.ReadLine() is { } line; number++)
            {
                if (string.IsNullOrWhiteSpace(line))
                    continue;
                var (path, label) = Split(line.Trim());
                var where = $"{list}: line {number}";
                if (label is null && labelled)
                    throw new DataException($"{where} is {DataFile.Quote(line.Trim())}, a path, a blank and a label were expected.");
                if (label is null)
                    unlabelled++;
                if (unlabelled > 0 && unlabelled <= images.Count)
                    throw new DataException($"{where} is {DataFile.Quote(line)}, {(label is null ? "a path, a blank and a label were expected, as in the lines before" : "with a label, and the lines before have none")}.");
                images.Add(Listed(path, label ?? ImageSet.OodLabel, where, (classCount ?? MaxClasses) - 1));
            }

            return images;
        });
        if (images.Count == 0)
            throw new DataException($"{list}: names no images, lines of a path and a label were expected.");
        var repeated = images.GroupBy(image => image.Path, StringComparer.Ordinal).Where(group => group.Count() > 1).ToArray();
        string[] notes = repeated.Length == 0 ? [] :
            [ImageSet.Text($"{list}: names {repeated.Sum(group => group.Count() - 1)} images more than once, which count as often; the first is {DataFile.Quote(repeated[0].Key)}")];
        return new ImageListing(root, list, images, classCount ?? images.Max(image => image.Label) + 1, null, notes);
    }

    // The path, and the label where there is one.
    private static (string Path, int? Label) Split(string line)
    {
        if (Extra().Match(line) is { Success: true } extra)
            return (Plain(extra.Groups["path"].Value), int.Parse(extra.Groups["label"].ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
        var blank = line.AsSpan().LastIndexOfAny(' ', '\t');
        return blank >= 0 && int.TryParse(line.AsSpan(blank + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var label)
            ? (Plain(line[..blank]), label)
            : (Plain(line), null);
    }

    // Without quotes, and with / between folders: Windows writes neither.
    private static string Plain(string path)
    {
        path = path.Trim();
        if (path.Length > 1 && path[0] is ('"' or '\'') && path[^1] == path[0])
            path = path[1..^1];
        return path.Contains('/') ? path : path.Replace('\\', '/');
    }

    private static ListedImage Listed(string path, int label, string where, int highest)
    {
        if (label < ImageSet.OodLabel || label > highest)
            throw new DataException($"{where} has the label {label}, {ImageSet.OodLabel} to {highest} was expected.");
        if (path.Length == 0 || Path.IsPathRooted(path) || path.Split('/').Contains(".."))
            throw new DataException($"{where} names {DataFile.Quote(path)}, a path below the root was expected.");
        return new ListedImage(path, label);
    }

    [GeneratedRegex(@"^(?<path>.+?)\s+\{.*['""]label['""]\s*:\s*(?<label>-?[0-9]{1,9})\s*[,}].*$")]
    private static partial Regex Extra();
}
