using Sio.Data;

namespace Sio.Evaluation.Benchmarks;

/// <summary>
/// Fashion-MNIST as an open-set problem, in the manner of OpenOOD's MNIST-6/4: classes 0, 1, 2, 5, 7, 8 are known; near-OOD are the test images of the
/// held-out classes 3, 4, 6, 9 (dress, coat, shirt, ankle boot); far-OOD are noise, blobs and gratings, and MNIST where it is at hand.
/// </summary>
[CatalogEntry("fashion_mnist_6_4", "Fashion-MNIST: six known classes, four held out (near), noise and patterns (far), MNIST with data.mnist (far)")]
public sealed class FashionMnist64 : Benchmark
{
    private static readonly int[] s_heldOut = [3, 4, 6, 9];

    /// <inheritdoc/>
    public override BenchmarkData Load(BenchmarkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.ShiftedId.Count > 0)
            throw new DataException("data.shifted_id is for image sets of one's own (benchmark files); data.corruption_severity makes some of Fashion-MNIST's test images");
        var known = ShippedSets.FashionMnist6Labels;
        var folder = options.Folder ?? FashionMnist.FindFolder();
        if (options.Folder is null && !Directory.Exists(folder))
            throw new DataException($"{folder} is missing: install the Debian package dataset-fashion-mnist ('./sio setup' does), or 'sio data fetch fashion-mnist', or name a folder with data.folder");
        var test = FashionMnist.Load(Split.Test, folder);
        var train = FashionMnist.Load(Split.Train, folder).KeepClasses(known, "fashion_mnist_6");
        var far = MadeUp(test, options.NoiseImages, options.SubsetSeed).ToList();
        if (options.Mnist is { } mnist)
            far.Add(Mnist.Load(Split.Test, mnist).AsOutOfDistribution("mnist"));
        return new BenchmarkData
        {
            Name = "fashion_mnist_6_4",
            Train = Part(train, options.TrainImages, options.SubsetSeed),
            Validation = Rest(train, options.TrainImages, options.ValidationImages, options.SubsetSeed, "fashion_mnist_6_validation"),
            Test = Part(test.KeepClasses(known, "fashion_mnist_6"), options.TestImages, options.SubsetSeed),
            Near = [test.HoldOutClasses(s_heldOut, "fashion_mnist_4")],
            Far = far,
            SyntheticLabels = known,

            // Mean and deviation of Fashion-MNIST's 60,000 training images.
            Normalization = new Normalization([0.2860f], [0.3530f]),
        };
    }
}
