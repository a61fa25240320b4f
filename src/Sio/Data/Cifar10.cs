using Sio.Data.Store;

namespace Sio.Data;

/// <summary>
/// CIFAR-10: 50,000 and 10,000 colour images of 32×32 in ten classes (Krizhevsky 2009, "Learning multiple layers of features from tiny images"). In the
/// binary or the Python version, <c>cifar-10-binary.tar.gz</c> or <c>cifar-10-python.tar.gz</c>, of https://www.cs.toronto.edu/~kriz/cifar.html. No licence was published;
/// the author asks that the report be cited.
/// </summary>
public static class Cifar10
{
    /// <summary>The ten classes in the order of their labels.</summary>
    public static IReadOnlyList<string> ClassNames { get; } =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    private static readonly CifarLayout s_layout = new()
    {
        Name = "cifar10",
        Classes = ClassNames.Count,
        ClassNames = ClassNames,
        LabelBytes = 1,
        LabelKey = "labels",
        Binary = new("cifar10", "cifar-10-binary.tar.gz", "cifar-10-batches-bin", ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"], "test_batch.bin"),
        Python = new("cifar10-python", "cifar-10-python.tar.gz", "cifar-10-batches-py", ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"], "test_batch"),
    };

    /// <summary>Whether a folder holds the test images, packed or not.</summary>
    public static bool IsAt(string path) => CifarFiles.AreAt(path, s_layout, Split.Test);

    /// <summary>Loads one split; for <see cref="Split.Test"/> the test file is enough.</summary>
    /// <param name="split">Train (<c>data_batch_1</c> to <c>data_batch_5</c>) or test (<c>test_batch</c>).</param>
    /// <param name="path">
    /// The archive; the folder of the files; a folder that holds one of both under its official name; or null for the data store (<c>sio data fetch cifar10</c>). Files
    /// with fewer images are taken as they are.
    /// </param>
    /// <exception cref="DataException">A file is missing, truncated, or has a label above 9.</exception>
    public static ImageSet Load(Split split, string? path = null) => CifarFiles.Load(path, s_layout, split);

    /// <summary>Where a store has it; null where it does not.</summary>
    internal static string? In(DataStore store) => CifarFiles.InStore(store, s_layout);
}
