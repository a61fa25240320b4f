using Sio.Data;

namespace Sio.Evaluation.Benchmarks;

/// <summary>CIFAR-100: its hundred classes are ID, CIFAR-10's test images near-OOD.</summary>
[CatalogEntry("cifar100", "CIFAR-100, in data.folder or the data store; CIFAR-10 (near) where it is there too, noise and patterns (far)")]
public sealed class Cifar100Benchmark : CifarBenchmark
{
    private protected override string Name => "cifar100";

    // Mean and deviation of CIFAR-100's 50,000 training images.
    private protected override Normalization Normalization => new([0.5071f, 0.4865f, 0.4409f], [0.2673f, 0.2564f, 0.2762f]);

    private protected override string? Own => Cifar100.In(Store);

    private protected override ImageSet LoadOwn(Split split, string folder) => Cifar100.Load(split, folder);

    private protected override ImageSet? Other(string? folder)
    {
        var found = folder is null ? Cifar10.In(Store) : Cifar10.IsAt(folder) ? folder : null;
        return found is null ? null : Cifar10.Load(Split.Test, found).AsOutOfDistribution("cifar10");
    }
}
