namespace Sio.Data.Readers;

/// <summary>Sets in IDX files under MNIST's names: train, test, and both as <c>all</c>, of which the labels are not used.</summary>
public abstract class IdxReader : PixelSetReader
{
    private const string All = "all";

    /// <inheritdoc/>
    public sealed override IReadOnlyList<string> Splits => ["train", "test", All];

    /// <inheritdoc/>
    public sealed override bool HasOwnFileNames => false;

    private protected abstract IReadOnlyList<string> ClassNames { get; }

    /// <inheritdoc/>
    public sealed override bool IsAt(string folder, string split) => SplitsOf(split).All(part => IdxFolder.Has(folder, part));

    private protected sealed override ImageSet Read(string folder, string split) =>
        // Named by who asked for it; a reader within another one has no name in the catalog.
        ImageSet.Concat(split, [.. SplitsOf(split).Select(part => IdxFolder.Load(folder, part, split, ClassNames))]);

    private static Split[] SplitsOf(string split) => split switch { "train" => [Split.Train], All => [Split.Train, Split.Test], _ => [Split.Test] };
}
