using System.IO.Compression;
using Sio.Data;

namespace Sio.Fuzz.Targets;

/// <summary>MNIST's images.</summary>
internal sealed class IdxImagesTarget : FuzzTarget
{
    private static readonly byte[] s_file = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 3, .. new byte[18]];

    internal override string Name => "idx-images";

    internal override string FileName => "t10k-images-idx3-ubyte";

    internal override IReadOnlyList<byte[]> Seeds() => [s_file, Written(stream =>
    {
        using var packed = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true);
        packed.Write(s_file);
    })];

    internal override void Read(string path) => Idx.ReadImages(path);
}

/// <summary>MNIST's labels.</summary>
internal sealed class IdxLabelsTarget : FuzzTarget
{
    internal override string Name => "idx-labels";

    internal override string FileName => "t10k-labels-idx1-ubyte";

    internal override IReadOnlyList<byte[]> Seeds() => [[0, 0, 8, 1, 0, 0, 0, 4, 1, 2, 3, 9]];

    internal override void Read(string path) => Idx.ReadLabels(path);
}
