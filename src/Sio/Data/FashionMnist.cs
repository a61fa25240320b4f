using Sio.Data.Store;

namespace Sio.Data;

/// <summary>
/// Fashion-MNIST: 60,000 and 10,000 grey images of 28×28 in ten classes (Xiao, Rasul and Vollgraf 2017,
/// "Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms", arXiv 1708.07747).
/// </summary>
public static class FashionMnist
{
    /// <summary>Where Debian's package <c>dataset-fashion-mnist</c> puts the files.</summary>
    public const string DefaultFolder = "/usr/share/datasets/fashion-mnist";

    /// <summary>The ten classes in the order of their labels.</summary>
    public static IReadOnlyList<string> ClassNames { get; } =
        ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"];

    /// <summary>Loads one split.</summary>
    /// <param name="split">Train or test.</param>
    /// <param name="folder">The folder of the four IDX files; null for <see cref="FindFolder"/>.</param>
    /// <exception cref="DataException">A file is missing or damaged, or images and labels do not fit together.</exception>
    public static ImageSet Load(Split split, string? folder = null) =>
        IdxFolder.Load(folder ?? FindFolder(), split, "fashion-mnist", ClassNames);

    /// <summary>Where the files are when nobody says: in the data store (<c>sio data fetch fashion-mnist</c>), else where Debian's package puts them.</summary>
    public static string FindFolder() => DataStore.Default.TryFind("fashion-mnist") ?? DefaultFolder;
}
