using Sio.Serialization;

namespace Sio.Fuzz.Targets;

/// <summary>Pickles of arrays, as CIFAR's Python version has them.</summary>
internal sealed class PickleTarget : FuzzTarget
{
    internal override string Name => "pickle";

    internal override string FileName => "data_batch_1";

    internal override bool NamesFile => false;

    internal override IReadOnlyList<byte[]> Seeds() => Files("readers", "cifar-python-p*.pkl");

    internal override void Read(string path)
    {
        var pickle = NumpyPickle.Read(File.ReadAllBytes(path));
        _ = pickle.Array("data");
        _ = pickle.Integers("labels");
    }
}
