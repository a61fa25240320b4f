using Sio.Data;

namespace Sio.Fuzz.Targets;

/// <summary>SVHN's MATLAB files.</summary>
internal sealed class MatTarget : FuzzTarget
{
    internal override string Name => "mat";

    internal override string FileName => "test_32x32.mat";

    internal override IReadOnlyList<byte[]> Seeds() => Files("readers", "*.mat");

    internal override void Read(string path) => MatFile.Read(path, "X", "y");
}
