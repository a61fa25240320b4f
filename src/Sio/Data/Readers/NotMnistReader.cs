using Sio.Data.Images;

namespace Sio.Data.Readers;

/// <summary>
/// notMNIST's small part (Bulatov 2011): PNG files in a folder per letter, below <c>notMNIST_small</c>; or IDX files under MNIST's names. Letters A to J are labels 0 to 9. Its
/// archive has files that are no images, of zero bytes; they are left out.
/// </summary>
[CatalogEntry("notmnist", "notMNIST, the small part: test (all of it)")]
public sealed class NotMnistReader : ImageSetReader
{
    private const string Folder = "notMNIST_small";
    private static readonly string[] s_letters = [.. "ABCDEFGHIJ".Select(letter => letter.ToString())];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Splits => ["test"];

    /// <inheritdoc/>
    public override bool HasOwnFileNames => false;

    /// <inheritdoc/>
    public override bool IsAt(string folder, string split) => IdxFolder.Has(folder, Split.Test) || Directory.Exists(Path.Combine(folder, Folder));

    /// <inheritdoc/>
    public override ImageSet Load(string folder, string split, SetRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var pictures = Path.Combine(folder, Folder);
        ImageSetReader reader = Directory.Exists(pictures) ? new Pictures() : new Idx();
        return reader.Load(Directory.Exists(pictures) ? pictures : folder, split, request);
    }

    private sealed class Idx : IdxReader
    {
        private protected override IReadOnlyList<string> ClassNames => s_letters;
    }

    private sealed class Pictures : ListedSetReader
    {
        public override IReadOnlyList<string> Splits => ["test"];

        public override bool IsAt(string folder, string split) => Directory.Exists(folder);

        private protected override ImageListing List(string folder, string split, SetRequest request)
        {
            var all = ImageListing.FromClassFolders(folder, s_letters.Index().ToDictionary(entry => entry.Item, entry => entry.Index), request.Cancellation);
            var whole = all.Images.Where(image => new FileInfo(Path.Combine(folder, image.Path)).Length > 0).ToArray();
            return request.Choose(ImageListing.Of(all.Root, all.Source, whole, all.ClassCount, all.ClassNames));
        }
    }
}
