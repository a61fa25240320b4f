using Sio.Data.Images;

namespace Sio.Data.Readers;

/// <summary>
/// Places365's validation images (Zhou, Lapedriza, Khosla, Oliva and Torralba 2017, "Places: a 10 million image database for scene recognition"): 36,500 photographs of scenes,
/// without labels, as <c>val_256/*.jpg</c>.
/// </summary>
[CatalogEntry("places365", "Places365: val, without labels")]
public sealed class Places365Reader : ListedSetReader
{
    private const string Folder = "val_256";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Splits => ["val"];

    /// <inheritdoc/>
    public override bool IsAt(string folder, string split) => Directory.Exists(Path.Combine(folder, Folder));

    private protected override ImageListing List(string folder, string split, SetRequest request) => ImageListing.FromFolder(Path.Combine(folder, Folder), request.Cancellation);
}
