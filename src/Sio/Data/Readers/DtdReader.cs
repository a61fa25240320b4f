using Sio.Data.Images;

namespace Sio.Data.Readers;

/// <summary>
/// Describable Textures (Cimpoi, Maji, Kokkinos, Mohamed and Vedaldi 2014, "Describing textures in the wild"): 5,640 photographs in 47 classes, as <c>dtd/images/CLASS/*.jpg</c>.
/// </summary>
[CatalogEntry("dtd", "Describable Textures: all")]
public sealed class DtdReader : ListedSetReader
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Splits => ["all"];

    /// <inheritdoc/>
    public override bool HasOwnFileNames => false;

    /// <inheritdoc/>
    public override bool IsAt(string folder, string split) => Directory.Exists(ImagesOf(folder));

    private protected override ImageListing List(string folder, string split, SetRequest request) => request.Choose(ImageListing.FromClassFolders(ImagesOf(folder), cancellation: request.Cancellation));

    private static string ImagesOf(string folder)
    {
        var inner = Path.Combine(folder, "dtd", "images");
        return Directory.Exists(inner) ? inner : Path.Combine(folder, "images");
    }
}
