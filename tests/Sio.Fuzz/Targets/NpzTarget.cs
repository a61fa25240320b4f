using System.IO.Compression;
using Sio.Data;

namespace Sio.Fuzz.Targets;

/// <summary>Sets of images in one archive.</summary>
internal sealed class NpzTarget : FuzzTarget
{
    internal override string Name => "npz";

    internal override string FileName => "images.npz";

    internal override IReadOnlyList<byte[]> Seeds() => [Archive(CompressionLevel.NoCompression), Archive(CompressionLevel.Optimal)];

    internal override void Read(string path) => SyntheticSet.Load(path);

    private static byte[] Archive(CompressionLevel level) => Written(stream => Npz.Write(
        stream, level, ("images", NpyArray.Create(new byte[2 * 4 * 4 * 3], 2, 4, 4, 3)), ("labels", NpyArray.Create(new long[] { 0, 1 }))));
}
