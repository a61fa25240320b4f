namespace Sio.Data.Readers;

/// <summary>CIFAR-10, binary or Python version, packed or not; see <see cref="Cifar10"/>.</summary>
[CatalogEntry("cifar10", "CIFAR-10: train, test")]
public sealed class Cifar10Reader : PixelSetReader
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Splits => ["train", "test"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> StoreNames => ["cifar10", "cifar10-python"];

    /// <inheritdoc/>
    public override bool IsAt(string folder, string split) => Cifar10.IsAt(folder);

    private protected override ImageSet Read(string folder, string split) => Cifar10.Load(split == "train" ? Split.Train : Split.Test, folder);
}
