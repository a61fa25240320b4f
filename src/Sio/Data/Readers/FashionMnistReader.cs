namespace Sio.Data.Readers;

/// <summary>Fashion-MNIST; see <see cref="FashionMnist"/>.</summary>
[CatalogEntry("fashion-mnist", "Fashion-MNIST: train, test, all")]
public sealed class FashionMnistReader : IdxReader
{
    /// <inheritdoc/>
    public override string SystemFolder => FashionMnist.DefaultFolder;

    /// <inheritdoc/>
    public override string HowToGet => FashionMnist.HowToGet;

    /// <inheritdoc/>
    public override bool Ships(string split, bool whole) => split == "test" || (split == "train" && !whole);

    /// <inheritdoc/>
    public override ImageSet LoadShipped(string split, SetRequest request) =>
        Prepared(FashionMnist.LoadShipped(split == "test" ? Split.Test : Split.Train), request);

    private protected override IReadOnlyList<string> ClassNames => FashionMnist.ClassNames;
}
