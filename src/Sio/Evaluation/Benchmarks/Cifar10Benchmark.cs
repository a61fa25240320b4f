using Sio.Data;

namespace Sio.Evaluation.Benchmarks;

/// <summary>CIFAR-10: its ten classes are ID, CIFAR-100's test images near-OOD.</summary>
[CatalogEntry("cifar10", "CIFAR-10, in data.folder or the data store; CIFAR-100 (near) where it is there too, noise and patterns (far)")]
public sealed class Cifar10Benchmark : CifarBenchmark
{
    private protected override string Name => "cifar10";

    // Mean and deviation of CIFAR-10's 50,000 training images.
    private protected override Normalization Normalization => new([0.4914f, 0.4822f, 0.4465f], [0.2470f, 0.2435f, 0.2616f]);

    private protected override string? Own => Cifar10.In(Store);

    private protected override ImageSet LoadOwn(Split split, string folder) => Cifar10.Load(split, folder);

    private protected override ImageSet? Other(string? folder)
    {
        var found = folder is null ? Cifar100.In(Store) : Cifar100.IsAt(folder) ? folder : null;
        return found is null ? null : Cifar100.Load(Split.Test, found).AsOutOfDistribution("cifar100");
    }
}
