namespace Sio.Data;

/// <summary>
/// CIFAR-10: 50,000 and 10,000 colour images of 32×32 in ten classes (Krizhevsky 2009, "Learning multiple layers of features from tiny images"), in its binary version, which
/// https://www.cs.toronto.edu/~kriz/cifar.html offers as <c>cifar-10-binary.tar.gz</c>. No licence was published; the author asks that the report be cited.
/// </summary>
public static class Cifar10
{
    private const string Folder = "cifar-10-batches-bin", Archive = "cifar-10-binary.tar.gz";

    /// <summary>The ten classes in the order of their labels.</summary>
    public static IReadOnlyList<string> ClassNames { get; } =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>Loads one split; for <see cref="Split.Test"/> the file <c>test_batch.bin</c> is enough.</summary>
    /// <param name="split">Train (<c>data_batch_1.bin</c> to <c>data_batch_5.bin</c>) or test.</param>
    /// <param name="path">The archive; the folder of the files; or a folder that holds one of both under its official name. Files with fewer records are taken as they are.</param>
    /// <exception cref="DataException">A file is missing, truncated, or has a label above 9.</exception>
    public static ImageSet Load(Split split, string path) => CifarFiles.Load(
        path,
        Folder,
        Archive,
        split == Split.Train ? ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"] : ["test_batch.bin"],
        labelBytes: 1,
        "cifar10",
        ClassNames.Count,
        ClassNames);
}
