using Sio.Data;
using Sio.Data.Store;

namespace Sio.Evaluation.Benchmarks;

/// <summary>
/// CIFAR-10: its ten classes are ID; near-OOD are CIFAR-100's test images where they are at hand in the same folder; far-OOD are noise, blobs and gratings. <c>data.folder</c> names a folder with
/// <c>cifar-10-binary.tar.gz</c> or <c>cifar-10-batches-bin/</c> and, if wanted, <c>cifar-100-binary.tar.gz</c> or <c>cifar-100-binary/</c>;
/// the Python versions do as well. Left out, both are taken from the data store.
/// </summary>
[CatalogEntry("cifar10", "CIFAR-10, in data.folder or the data store; CIFAR-100 (near) where it is there too, noise and patterns (far)")]
public sealed class Cifar10Benchmark : Benchmark
{
    /// <summary>Where to look when data.folder is left out.</summary>
    internal DataStore Store { get; init; } = DataStore.Default;

    /// <inheritdoc/>
    public override BenchmarkData Load(BenchmarkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var folder = options.Folder ?? Cifar10.In(Store) ?? throw new DataException(
            $"the benchmark 'cifar10' needs data.folder, a folder with cifar-10-binary.tar.gz or with cifar-10-batches-bin/ unpacked from it; or the set in {Store.Root}, where 'sio data fetch cifar10' puts it");
        if (options.Mnist is not null)
            throw new DataException("the benchmark 'cifar10' cannot take data.mnist: its images are 28×28 and grey, 3×32×32 was expected");
        var near = options.Folder is null ? Cifar100.In(Store) : Cifar100.IsAt(folder) ? folder : null;
        var train = Cifar10.Load(Split.Train, folder);
        var test = Cifar10.Load(Split.Test, folder);
        return new BenchmarkData
        {
            Name = "cifar10",
            Train = Part(train, options.TrainImages, options.SubsetSeed),
            Validation = Rest(train, options.TrainImages, options.ValidationImages, options.SubsetSeed, "cifar10_validation"),
            Test = Part(test, options.TestImages, options.SubsetSeed),
            Near = near is not null ? [Cifar100.Load(Split.Test, near).AsOutOfDistribution("cifar100")] : [],
            Far = [.. MadeUp(test, options.NoiseImages, options.SubsetSeed)],

            // Mean and deviation of CIFAR-10's 50,000 training images.
            Normalization = new Normalization([0.4914f, 0.4822f, 0.4465f], [0.2470f, 0.2435f, 0.2616f]),
        };
    }
}
