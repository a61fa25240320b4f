namespace Sio.Data.Readers;

/// <summary>Fashion-MNIST; see <see cref="FashionMnist"/>.</summary>
[CatalogEntry("fashion-mnist", "Fashion-MNIST: train, test, all")]
public sealed class FashionMnistReader : IdxReader
{
    /// <inheritdoc/>
    public override string SystemFolder => FashionMnist.DefaultFolder;

    /// <inheritdoc/>
    public override string HowToGet => "the Debian package dataset-fashion-mnist ('./sio setup' installs it), or 'sio data fetch fashion-mnist'";

    private protected override IReadOnlyList<string> ClassNames => FashionMnist.ClassNames;
}
