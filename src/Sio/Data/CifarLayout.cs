namespace Sio.Data;

/// <summary>How CIFAR-10 or CIFAR-100 comes: the names of its archives, folders and files in the binary and in the Python version.</summary>
internal sealed record CifarLayout
{
    internal required string Name { get; init; }

    internal required int Classes { get; init; }

    internal IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>Bytes before a record's pixels in the binary version; the last is the class.</summary>
    internal required int LabelBytes { get; init; }

    /// <summary>The classes' key in the Python version.</summary>
    internal required string LabelKey { get; init; }

    internal required CifarVersion Binary { get; init; }

    internal required CifarVersion Python { get; init; }
}

/// <summary>One version of CIFAR-10 or CIFAR-100.</summary>
/// <param name="Set">The data set's name in the store.</param>
/// <param name="Archive">The archive's official name.</param>
/// <param name="Folder">The files' folder in the archive.</param>
/// <param name="Train">The files with training images, in order.</param>
/// <param name="Test">The file with test images.</param>
internal sealed record CifarVersion(string Set, string Archive, string Folder, string[] Train, string Test)
{
    internal IReadOnlyList<string> Files(Split split) => split == Split.Train ? Train : [Test];
}
