namespace Sio.Data;

/// <summary>
/// CIFAR-100: 50,000 and 10,000 colour images of 32×32 in a hundred classes (Krizhevsky 2009), in its binary version, which https://www.cs.toronto.edu/~kriz/cifar.html offers as
/// <c>cifar-100-binary.tar.gz</c>. Labels are the fine ones. No licence was published; the author asks that the report be cited.
/// </summary>
public static class Cifar100
{
    private const string Folder = "cifar-100-binary", Archive = "cifar-100-binary.tar.gz";
    private const int Classes = 100;

    /// <summary>Whether a folder holds the test images, packed or not.</summary>
    public static bool IsAt(string path) => CifarFiles.AreAt(path, Folder, Archive, "test.bin");

    /// <summary>Loads one split; a folder with that split's file is enough.</summary>
    /// <param name="split">Train (<c>train.bin</c>) or test (<c>test.bin</c>).</param>
    /// <param name="path">The archive; the folder of the files; or a folder that holds one of both under its official name.</param>
    /// <exception cref="DataException">A file is missing, truncated, or has a label above 99.</exception>
    public static ImageSet Load(Split split, string path) =>
        CifarFiles.Load(path, Folder, Archive, [split == Split.Train ? "train.bin" : "test.bin"], labelBytes: 2, "cifar100", Classes, classNames: null);
}
