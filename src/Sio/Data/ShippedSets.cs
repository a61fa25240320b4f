namespace Sio.Data;

/// <summary>The image sets that come with the program, in the folder <c>data</c> beside it.</summary>
public static class ShippedSets
{
    /// <summary>What stands before the name of such a set where a recipe or benchmark file names one: <c>shipped:optdigits</c>.</summary>
    public const string Prefix = "shipped:";

    /// <summary>
    /// The name of the synthetic Fashion-MNIST set: 9,000 images, 1,500 for each of the labels in
    /// <see cref="FashionMnist6Labels"/>. How it was made is in <c>synthetic-fashion-mnist-6.provenance.md</c> beside it.
    /// </summary>
    public const string FashionMnist6 = "synthetic-fashion-mnist-6";

    /// <summary>
    /// The name of the set of handwritten digits: 1,797 grey images of 8×8, far from clothes (Alpaydin and Kaynak 1998). Where it comes
    /// from is in <c>optdigits.provenance.md</c> beside it.
    /// </summary>
    public const string OptDigits = "optdigits";

    /// <summary>
    /// The classes of <see cref="FashionMnist6"/> in Fashion-MNIST's own numbering: T-shirt, trouser, pullover, sandal, sneaker, bag.
    /// </summary>
    public static IReadOnlyList<int> FashionMnist6Labels { get; } = [0, 1, 2, 5, 7, 8];

    /// <summary>The file of a shipped set.</summary>
    /// <param name="name">The set's name, e.g. <see cref="FashionMnist6"/>.</param>
    /// <exception cref="DataException">The program was installed without it, or there is no such set.</exception>
    public static string Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var path = Path.Combine(AppContext.BaseDirectory, "data", name + ".npz");
        return File.Exists(path)
            ? path
            : throw new DataException($"{path}: not found, the image set '{name}' that ships with the program was expected here.");
    }
}
