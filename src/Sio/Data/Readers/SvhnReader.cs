namespace Sio.Data.Readers;

/// <summary>SVHN's cropped digits; see <see cref="Svhn"/>.</summary>
[CatalogEntry("svhn", "SVHN, cropped digits: train, test, extra")]
public sealed class SvhnReader : PixelSetReader
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Splits => ["train", "test", "extra"];

    /// <inheritdoc/>
    public override bool IsAt(string folder, string split) => File.Exists(FileOf(folder, split));

    private protected override ImageSet Read(string folder, string split) => Svhn.LoadFile(FileOf(folder, split));

    private static string FileOf(string folder, string split) => Path.Combine(folder, split + "_32x32.mat");
}
