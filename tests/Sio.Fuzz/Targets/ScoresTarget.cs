using System.IO.Compression;
using Sio.Data;
using Sio.Evaluation;

namespace Sio.Fuzz.Targets;

/// <summary>Files of scores.</summary>
internal sealed class ScoresTarget : FuzzTarget
{
    internal override string Name => "scores";

    internal override string FileName => "scores.npz";

    internal override IReadOnlyList<byte[]> Seeds() =>
    [
        Written(stream => Npz.Write(stream, CompressionLevel.Optimal, ("conf", NpyArray.Create(new float[] { 1, 2 })), ("gt", NpyArray.Create(new long[] { 0, 1 })))),
        Written(stream => Npy.Write(stream, NpyArray.Create(new double[] { 1, 2 }))),
    ];

    internal override void Read(string path) => ScoreFile.Read(path);
}
