using Sio.Data.Store;

namespace Sio.Data;

/// <summary>
/// Fashion-MNIST: 60,000 and 10,000 grey images of 28×28 in ten classes (Xiao, Rasul and Vollgraf 2017,
/// "Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms", arXiv 1708.07747).
/// All test images ship with the program, and as many training images as the quickstart and small trials need.
/// </summary>
public static class FashionMnist
{
    /// <summary>Where Debian's package <c>dataset-fashion-mnist</c> puts the files.</summary>
    public const string DefaultFolder = "/usr/share/datasets/fashion-mnist";

    internal const string Name = "fashion-mnist";

    /// <summary>How to get the whole set, for messages.</summary>
    internal const string HowToGet = "'sio data fetch fashion-mnist' (or Debian's package dataset-fashion-mnist)";

    /// <summary>The ten classes in the order of their labels.</summary>
    public static IReadOnlyList<string> ClassNames { get; } =
        ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"];

    /// <summary>Loads one split.</summary>
    /// <param name="split">Train or test.</param>
    /// <param name="folder">
    /// The folder of the four IDX files; null for <see cref="FindFolder"/>, and for <see cref="LoadShipped"/> where that finds none.
    /// </param>
    /// <exception cref="DataException">A file is missing or damaged, or images and labels do not fit together.</exception>
    public static ImageSet Load(Split split, string? folder = null) =>
        (folder ?? FindFolder()) is { } place ? IdxFolder.Load(place, split, Name, ClassNames) : LoadShipped(split);

    /// <summary>Loads one split as far as it ships with the program.</summary>
    /// <param name="split">Train or test.</param>
    /// <returns>
    /// All test images; or a set of all 60,000 training images, of which those are here that these choices draw:
    /// <c>KeepClasses(ShippedSets.FashionMnist6Labels)</c> and then <c>Take(500, seed: 0)</c>, with
    /// <c>TakeRest(500, seed: 0).Take(1000, seed: 0)</c>, or <c>Take(1800, seed: 1)</c>; <c>Take(2000, seed: 1)</c> of all classes; and
    /// smaller numbers with the same seeds. They are the images that are drawn from the whole set. Where a choice has other images, reading
    /// one of these throws a <see cref="DataException"/> that says how to get the whole set.
    /// </returns>
    /// <exception cref="DataException">The program was installed without it, or its file is damaged.</exception>
    public static ImageSet LoadShipped(Split split) => split == Split.Test ? ShippedFashionMnist.Test() : ShippedFashionMnist.Train();

    /// <summary>
    /// Where the whole set is when nobody says: in the data store (<c>sio data fetch fashion-mnist</c>), else where Debian's package puts
    /// it; null where it is in neither.
    /// </summary>
    public static string? FindFolder()
    {
        var store = DataStore.Default;
        return store.TryFind(Name) ?? (store.LooksInSystemFolders && IdxFolder.Has(DefaultFolder) ? DefaultFolder : null);
    }
}
