using Sio.Data;

namespace Sio.Evaluation.Benchmarks;

/// <summary>
/// Image sets of one's own: <c>data.train</c> and <c>data.test</c> are ID, <c>data.near</c> and <c>data.far</c> name OOD sets; <c>data.validation</c>, which only some
/// detectors need, is ID too, and so are the covariate-shifted sets of <c>data.shifted_id</c>. Each is an <c>.npz</c> with
/// the arrays <c>images</c> (N,H,W,C or N,H,W; uint8) and <c>labels</c>, or a folder with <c>images.npy</c> and <c>labels.npy</c>; OOD sets need no labels.
/// </summary>
[CatalogEntry("files", "your own image sets: data.train, data.test, data.near, data.far (.npz, or folders with images.npy and labels.npy)")]
public sealed class OwnFiles : Benchmark
{
    /// <inheritdoc/>
    public override BenchmarkData Load(BenchmarkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var train = Named(SyntheticSet.Load(Required(options.Train, "data.train")), "train");
        var test = SyntheticSet.Load(Required(options.Test, "data.test"), train);
        return new BenchmarkData
        {
            Name = "files",
            Train = Part(train, options.TrainImages, options.SubsetSeed),
            Validation = options.Validation is { } validation ? SyntheticSet.Load(validation, train) : null,
            Test = Part(test, options.TestImages, options.SubsetSeed),
            Near = Ood(options.Near, train),
            Far = Ood(options.Far, train),
            ShiftedId = [.. options.ShiftedId.Select(entry => Named(SyntheticSet.Load(entry.Value, train), entry.Key))],
            Normalization = Normalization.Of(train),
        };
    }

    private static string Required(string? path, string key) =>
        path ?? throw new DataException($"the benchmark 'files' needs {key}: an .npz or a folder with images.npy and labels.npy");

    private static ImageSet[] Ood(IReadOnlyDictionary<string, string> sets, ImageSet train) => [.. sets.Select(entry =>
    {
        if (entry.Key.Length == 0)
            throw new DataException($"{entry.Value}: a set of data.near or data.far needs a name, as in 'name: path'");
        var set = SyntheticSet.LoadOutOfDistribution(entry.Value, entry.Key);
        return set.HasSameImageSize(train)
            ? set
            : throw new DataException($"{entry.Value}: images of {set.Channels}×{set.Height}×{set.Width}, expected {train.Channels}×{train.Height}×{train.Width} as in the training set");
    })];

    private static ImageSet Named(ImageSet set, string name) => name.Length > 0
        ? set.Renamed(name)
        : throw new DataException("a set of data.shifted_id needs a name, as in 'name: path'");
}
