using System.Text;
using Sio.Data;
using Sio.Fuzz.Mutation;
using Sio.Fuzz.Seeds;
using Sio.Serialization;

namespace Sio.Fuzz.Targets;

/// <summary>Pickles of arrays, as they stand in memory.</summary>
[CatalogEntry("pickle", "pickled dictionaries of arrays, as the library reads them from memory")]
internal sealed class PickleTarget : FuzzTarget
{
    internal override bool HasNoFile => true;

    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Pickle];

    internal override IEnumerable<Seed> Seeds() =>
    [
        new("input.pkl", Small("b")), new("input.pkl", Small("u")),
        new("input.pkl", SeedFiles.Read("readers/cifar-python-float.pkl"), IsValid: false), new("input.pkl", SeedFiles.Read("readers/cifar-python-object.pkl"), IsValid: false),
    ];

    internal override void Read(string path)
    {
        var pickle = NumpyPickle.Read(File.ReadAllBytes(path));
        pickle.Array("data");
        pickle.Integers("labels");
    }

    // As cPickle of Python 2 wrote CIFAR's batches, with an array of two bytes.
    private static byte[] Small(string order)
    {
        var text = "\u0080\u0002}q\u0001(U\u0006labelsq\u0004]q\u0005(K\u0006K\u0009eU\u0004dataq\u0006cnumpy.core.multiarray\n_reconstruct\nq\u0007cnumpy\nndarray\nq\u0008K\0\u0085q\u0009U\u0001b\u0087q\nRq\u000b"
            + "(K\u0001K\u0001K\u0002\u0086q\u000ccnumpy\ndtype\nq\rU\u0002" + order + "1K\0K\u0001\u0087q\u000eRq\u000f(K\u0003U\u0001|NNNJ\u00ff\u00ff\u00ff\u00ffJ\u00ff\u00ff\u00ff\u00ffK\0tb\u0089U\u0002xytbu.";
        return Encoding.Latin1.GetBytes(text);
    }
}

/// <summary>CIFAR's Python version.</summary>
[CatalogEntry("cifar_python", "batches of CIFAR-10's Python version")]
internal sealed class CifarPythonTarget : FuzzTarget
{
    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Pickle];

    internal override IEnumerable<Seed> Seeds() =>
        [.. new[] { "2", "p2", "p3", "p4" }.Select(name => new Seed("test_batch", SeedFiles.Read($"readers/cifar-python-{name}.pkl")))];

    internal override void Read(string path) => Cifar10.Load(Split.Test, Path.GetDirectoryName(path)!);
}
