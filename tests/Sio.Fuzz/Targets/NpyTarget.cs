using Sio.Data;

namespace Sio.Fuzz.Targets;

/// <summary>NumPy arrays.</summary>
internal sealed class NpyTarget : FuzzTarget
{
    internal override string Name => "npy";

    internal override string FileName => "array.npy";

    internal override IReadOnlyList<byte[]> Seeds() =>
    [
        Written(stream => Npy.Write(stream, NpyArray.Create(new float[] { 1, 2, 3, 4, 5, 6 }, 2, 3))),
        Written(stream => Npy.Write(stream, NpyArray.Create(new long[] { 1, -1 }))),
        Written(stream => Npy.Write(stream, NpyArray.Scalar(1.5))),
    ];

    internal override void Read(string path)
    {
        var array = Npy.Read(path);
        if (array.Type != NpyType.Bool)
            array.ToDoubles();
    }
}
