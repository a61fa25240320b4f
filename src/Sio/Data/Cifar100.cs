using Sio.Data.Store;

namespace Sio.Data;

/// <summary>
/// CIFAR-100: 50,000 and 10,000 colour images of 32×32 in a hundred classes (Krizhevsky 2009), in the binary or the Python version of
/// https://www.cs.toronto.edu/~kriz/cifar.html. Labels are the fine ones. No licence was published; the author asks that the report be cited.
/// </summary>
public static class Cifar100
{
    private static readonly CifarLayout s_layout = new()
    {
        Name = "cifar100",
        Classes = 100,
        LabelBytes = 2,
        LabelKey = "fine_labels",
        Binary = new("cifar100", "cifar-100-binary.tar.gz", "cifar-100-binary", ["train.bin"], "test.bin"),
        Python = new("cifar100-python", "cifar-100-python.tar.gz", "cifar-100-python", ["train"], "test"),
    };

    /// <summary>Whether a folder holds the test images, packed or not.</summary>
    public static bool IsAt(string path) => CifarFiles.AreAt(path, s_layout, Split.Test);

    /// <summary>Loads one split; a folder with that split's file is enough.</summary>
    /// <param name="split">Train or test.</param>
    /// <param name="path">The archive; the folder of the files; a folder that holds one of both under its official name; or null for the data store (<c>sio data fetch cifar100</c>).</param>
    /// <exception cref="DataException">A file is missing, truncated, or has a label above 99.</exception>
    public static ImageSet Load(Split split, string? path = null) => CifarFiles.Load(path, s_layout, split);

    /// <summary>Where a store has it; null where it does not.</summary>
    internal static string? In(DataStore store) => CifarFiles.InStore(store, s_layout);
}
