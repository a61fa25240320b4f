using Sio.Data.Images;

namespace Sio.Data.Readers;

/// <summary>
/// ImageNet's 1,000 classes of ILSVRC 2012 (Russakovsky et al. 2015, "ImageNet large scale visual recognition challenge"): a folder with <c>train</c> and <c>val</c>, each with a
/// folder per class under its WordNet id (<c>n01440764</c>). Labels follow the order of the ids, as everywhere.
/// </summary>
[CatalogEntry("imagenet", "ImageNet (ILSVRC 2012): train, val, in class folders")]
public sealed class ImageNetReader : ListedSetReader
{
    private const int Classes = 1000;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Splits => ["train", "val"];

    /// <inheritdoc/>
    public override bool HasOwnFileNames => false;

    /// <inheritdoc/>
    public override string HowToGet => "a folder with train/ and val/, each with the 1,000 class folders of ILSVRC 2012, which image-net.org gives to those who register";

    /// <inheritdoc/>
    public override IReadOnlyList<string> StoreNames => ["imagenet", "openood/images_largescale/imagenet_1k"];

    /// <inheritdoc/>
    public override bool IsAt(string folder, string split)
    {
        var path = Path.Combine(folder, split);
        return Directory.Exists(path) && Ids(path).Any();
    }

    private protected override ImageListing List(string folder, string split, SetRequest request)
    {
        var path = Path.Combine(folder, split);
        string[] ids = [.. Ids(path).Order(StringComparer.Ordinal)];
        // A label is the id's place among all: with some missing, every later one would be another class's.
        if (ids.Length != Classes)
            throw new DataException($"{path}: has {ids.Length} class folders (n01440764, …), all {Classes} were expected, since the classes' numbers are their places in that order");
        if (request.Part == ClassPart.All)
            return ImageListing.FromClassFolders(path, ids.Index().ToDictionary(entry => entry.Item, entry => entry.Index), request.Cancellation);
        // Only the folders that are asked for are walked through: the whole has 1.3 million files.
        var wanted = request.Wanted(Classes);
        return ImageListing.FromClassFolders(path, wanted.Index().ToDictionary(entry => ids[entry.Item], entry => request.Part == ClassPart.Known ? entry.Index : ImageSet.OodLabel), request.Cancellation);
    }

    private static IEnumerable<string> Ids(string path) =>
        Directory.EnumerateDirectories(path).Select(folder => Path.GetFileName(folder)).Where(name => name.Length == 9 && name[0] == 'n' && name.Skip(1).All(char.IsAsciiDigit));
}
