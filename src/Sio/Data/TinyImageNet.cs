using Sio.Data.Images;
using Sio.Data.Shards;
using Sio.Data.Store;

namespace Sio.Data;

/// <summary>
/// Tiny ImageNet: 100,000 training and 10,000 validation images of 64×64 in 200 classes, JPEG, as <c>tiny-imagenet-200.zip</c> unpacks: <c>train/WNID/images/*.JPEG</c>, and
/// <c>val/images</c> with the classes in <c>val/val_annotations.txt</c>. Labels follow the order of <c>wnids.txt</c>.
/// </summary>
public static class TinyImageNet
{
    private const string Folder = "tiny-imagenet-200";

    /// <summary>The classes' WordNet ids, in the order of the labels.</summary>
    /// <param name="path">As for <see cref="Read"/>.</param>
    /// <exception cref="DataException">The list is missing or has an id twice.</exception>
    public static IReadOnlyList<string> ClassIds(string? path = null)
    {
        var file = Path.Combine(Root(path), "wnids.txt");
        var ids = Lines(file);
        return ids.Length > 0 && ids.Distinct(StringComparer.Ordinal).Count() == ids.Length ? ids : throw new DataException($"{file}: is empty or names a class twice");
    }

    /// <summary>Reads the images' files one by one, in a fixed order.</summary>
    /// <typeparam name="T">What a sample becomes.</typeparam>
    /// <param name="split">Train (class by class), or test for the validation images: the real test images have no labels.</param>
    /// <param name="decode">Decodes a sample.</param>
    /// <param name="path">The folder <c>tiny-imagenet-200</c>, or one that holds it; null for the data store (<c>sio data fetch tiny-imagenet</c>).</param>
    /// <exception cref="DataException">A file is missing or the list of validation images damaged.</exception>
    public static IEnumerable<T> Read<T>(Split split, Func<ShardSample, T> decode, string? path = null)
    {
        ArgumentNullException.ThrowIfNull(decode);
        var root = Root(path);
        var files = split == Split.Train ? Train(root) : Validation(root);
        return files.Select(file => decode(new ShardSample(
            Path.GetRelativePath(root, Path.ChangeExtension(file.Path, null)), Path.GetExtension(file.Path).TrimStart('.').ToLowerInvariant(), DataFile.Read(file.Path, ReadAll), file.Label)));
    }

    /// <summary>Whether a folder, or <c>tiny-imagenet-200</c> in it, holds the set.</summary>
    public static bool IsAt(string path) => File.Exists(Path.Combine(path, Folder, "wnids.txt")) || File.Exists(Path.Combine(path, "wnids.txt"));

    /// <summary>Lists the files of a split, as <see cref="Read"/> goes through them.</summary>
    internal static ImageListing List(Split split, string path)
    {
        var root = Root(path);
        var ids = ClassIds(root);
        var files = split == Split.Train ? Train(root) : Validation(root);
        return ImageListing.Of(root, root, [.. files.Select(file => new ListedImage(Path.GetRelativePath(root, file.Path).Replace('\\', '/'), file.Label))], ids.Count, ids);
    }

    private static string Root(string? path)
    {
        var place = path ?? DataStore.Default.Find("tiny-imagenet");
        var inner = Path.Combine(place, Folder);
        return Directory.Exists(inner) ? inner : place;
    }

    private static IEnumerable<(string Path, int Label)> Train(string root) => ClassIds(root).SelectMany((id, label) =>
    {
        var folder = Path.Combine(root, "train", id, "images");
        return Directory.Exists(folder)
            ? Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(file => (file, label))
            : throw new DataException($"{folder}: no such folder, the training images of a class were expected there");
    });

    private static IEnumerable<(string Path, int Label)> Validation(string root)
    {
        var labels = ClassIds(root).Select((id, label) => (id, label)).ToDictionary(entry => entry.id, entry => entry.label, StringComparer.Ordinal);
        var list = Path.Combine(root, "val", "val_annotations.txt");
        foreach (var line in Lines(list))
        {
            var parts = line.Split('\t');
            if (parts.Length < 2 || !labels.TryGetValue(parts[1], out var label))
                throw new DataException($"{list}: the line {DataFile.Quote(line)} names no image and class, 'FILE WNID …' was expected");
            yield return (Path.Combine(root, "val", "images", DataFile.Within(list, () => SafePath.Check(parts[0]))), label);
        }
    }

    private static string[] Lines(string path) =>
        DataFile.Read(path, stream => new StreamReader(stream).ReadToEnd()).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static ReadOnlyMemory<byte> ReadAll(Stream stream)
    {
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
