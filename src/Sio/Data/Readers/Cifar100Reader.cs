namespace Sio.Data.Readers;

/// <summary>CIFAR-100, binary or Python version, packed or not; see <see cref="Cifar100"/>.</summary>
[CatalogEntry("cifar100", "CIFAR-100: train, test")]
public sealed class Cifar100Reader : PixelSetReader
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Splits => ["train", "test"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> StoreNames => ["cifar100", "cifar100-python"];

    /// <inheritdoc/>
    public override bool IsAt(string folder, string split) => Cifar100.IsAt(folder);

    private protected override ImageSet Read(string folder, string split) => Cifar100.Load(split == "train" ? Split.Train : Split.Test, folder);
}
