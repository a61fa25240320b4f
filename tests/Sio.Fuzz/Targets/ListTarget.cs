using Sio.Data.Images;

namespace Sio.Fuzz.Targets;

/// <summary>Lists of images.</summary>
internal sealed class ListTarget : FuzzTarget
{
    internal override string Name => "list";

    internal override string FileName => "list.txt";

    internal override bool IsText => true;

    internal override IReadOnlyList<byte[]> Seeds() => [Text("a/0.png 0\na/1.png 1\n"), Text("a\\0.png 3\n\"b/1.png\" {'label': 3}\n"), Text("a/0.png -1\n")];

    internal override void Read(string path) => ImageListing.FromList(path, Path.GetDirectoryName(path)!);
}
