using Sio.Data;
using Sio.Data.Store;

namespace Sio.Evaluation.Benchmarks;

/// <summary>
/// One CIFAR set with the other one's test images as near-OOD, where they are at hand; far-OOD are noise, blobs and gratings. <c>data.folder</c> names a folder with the binary or the Python archives, or
/// what was unpacked from them; left out, both are taken from the data store.
/// </summary>
public abstract class CifarBenchmark : Benchmark
{
    /// <summary>Where to look when data.folder is left out.</summary>
    internal DataStore Store { get; init; } = DataStore.Default;

    private protected abstract string Name { get; }

    private protected abstract Normalization Normalization { get; }

    /// <summary>The folder of the ID set in the data store; null where it is not there.</summary>
    private protected abstract string? Own { get; }

    private protected abstract ImageSet LoadOwn(Split split, string folder);

    /// <summary>The other set's test images, in a folder or, where that is null, in the data store; null where they are not there.</summary>
    private protected abstract ImageSet? Other(string? folder);

    /// <inheritdoc/>
    public sealed override BenchmarkData Load(BenchmarkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var archive = Name.Replace("cifar", "cifar-", StringComparison.Ordinal);
        var folder = options.Folder ?? Own ?? throw new DataException(
            $"the benchmark '{Name}' needs data.folder, a folder with {archive}-binary.tar.gz or with what is unpacked from it; or the set in {Store.Root}, where 'sio data fetch {Name}' puts it");
        if (options.Mnist is not null)
            throw new DataException($"the benchmark '{Name}' cannot take data.mnist: its images are 28×28 and grey, 3×32×32 was expected");
        var train = LoadOwn(Split.Train, folder);
        var test = LoadOwn(Split.Test, folder);
        return new BenchmarkData
        {
            Name = Name,
            Train = Part(train, options.TrainImages, options.SubsetSeed),
            Validation = Rest(train, options.TrainImages, options.ValidationImages, options.SubsetSeed, $"{Name}_validation"),
            Test = Part(test, options.TestImages, options.SubsetSeed),
            Near = Other(options.Folder) is { } near ? [near] : [],
            Far = [.. MadeUp(test, options.NoiseImages, options.SubsetSeed)],
            Normalization = Normalization,
        };
    }
}
