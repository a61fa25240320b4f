namespace Sio.Data.Images;

/// <content>Parts of a listing.</content>
public sealed partial class ImageListing
{
    /// <summary>The images of some classes, renumbered in the order given.</summary>
    /// <param name="classes">Labels of this listing, each once.</param>
    /// <exception cref="DataException">None of the images is of these classes.</exception>
    public ImageListing KeepClasses(IReadOnlyList<int> classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        var labels = classes.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        return new ImageListing(
            Root, Source, [.. Images.Where(image => labels.ContainsKey(image.Label)).Select(image => image with { Label = labels[image.Label] })], classes.Count,
            ClassNames is null ? null : [.. classes.Select(label => ClassNames[label])], Notes);
    }

    /// <summary>The images of some classes as out-of-distribution images.</summary>
    /// <inheritdoc cref="KeepClasses"/>
    public ImageListing HoldOutClasses(IReadOnlyList<int> classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        var wanted = classes.ToHashSet();
        return new ImageListing(Root, Source, [.. Images.Where(image => wanted.Contains(image.Label)).Select(image => image with { Label = ImageSet.OodLabel })], 0, null, Notes);
    }

    /// <summary>All images as out-of-distribution images.</summary>
    public ImageListing AsOutOfDistribution() => new(Root, Source, [.. Images.Select(image => image with { Label = ImageSet.OodLabel })], 0, null, Notes);

    /// <summary>Images that the caller found.</summary>
    /// <exception cref="DataException">There are none.</exception>
    internal static ImageListing Of(string root, string source, IReadOnlyList<ListedImage> images, int classCount, IReadOnlyList<string>? classNames, IReadOnlyList<string>? notes = null) =>
        new(root, source, images, classCount, classNames, notes);
}
