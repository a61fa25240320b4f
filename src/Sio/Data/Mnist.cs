using Sio.Data.Store;

namespace Sio.Data;

/// <summary>
/// MNIST: grey images of handwritten digits, 28×28 (LeCun, Bottou, Bengio and Haffner 1998, "Gradient-based learning
/// applied to document recognition").
/// </summary>
public static class Mnist
{
    /// <summary>The ten digits.</summary>
    public static IReadOnlyList<string> ClassNames { get; } = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

    /// <summary>Loads one split; a folder with the test files alone is enough for <see cref="Split.Test"/>.</summary>
    /// <param name="split">Train or test.</param>
    /// <param name="folder">The folder of the IDX files, e.g. <c>t10k-images-idx3-ubyte</c>, raw or gzipped; null for the data store (<c>sio data fetch mnist</c>).</param>
    /// <exception cref="DataException">A file is missing or damaged, or images and labels do not fit together.</exception>
    public static ImageSet Load(Split split, string? folder = null) => IdxFolder.Load(folder ?? DataStore.Default.Find("mnist"), split, "mnist", ClassNames);
}
