using Sio.Data.Images;

namespace Sio.Data.Readers;

/// <summary>Tiny ImageNet; see <see cref="TinyImageNet"/>.</summary>
[CatalogEntry("tiny-imagenet", "Tiny ImageNet: train, val")]
public sealed class TinyImageNetReader : ListedSetReader
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Splits => ["train", "val"];

    /// <inheritdoc/>
    public override bool IsAt(string folder, string split) => TinyImageNet.IsAt(folder);

    private protected override ImageListing List(string folder, string split, SetRequest request) =>
        request.Choose(TinyImageNet.List(split == "train" ? Split.Train : Split.Test, folder));
}
