namespace Sio.Data.Readers;

/// <summary>MNIST; see <see cref="Mnist"/>.</summary>
[CatalogEntry("mnist", "MNIST: train, test, all")]
public sealed class MnistReader : IdxReader
{
    private protected override IReadOnlyList<string> ClassNames => Mnist.ClassNames;
}
