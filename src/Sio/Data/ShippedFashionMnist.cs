namespace Sio.Data;

/// <summary>
/// The part of Fashion-MNIST that ships with the program: all test images, and the training images that the quickstart and the tests draw,
/// with the labels of all. What is in which array is in <c>data/fashion-mnist.provenance.md</c>.
/// </summary>
internal static class ShippedFashionMnist
{
    internal const string TestFile = "fashion-mnist-test", TrainFile = "fashion-mnist-train-part";

    private const int Side = 28;

    /// <summary>All test images.</summary>
    internal static ImageSet Test()
    {
        var arrays = new Arrays(ShippedSets.Find(TestFile));
        var labels = arrays.Labels("labels");
        var names = FashionMnist.ClassNames;
        return new ImageSet(FashionMnist.Name, arrays.Images(labels.Length), labels, 1, Side, Side, names.Count, names);
    }

    /// <summary>A set of all 60,000 training images, of which the program has some.</summary>
    internal static ImageSet Train()
    {
        var arrays = new Arrays(ShippedSets.Find(TrainFile));
        var labels = arrays.Labels("all_labels");
        var places = Array.ConvertAll(arrays.Integers("indices"), index => (int)long.Clamp(index, -1, int.MaxValue));
        var source = new PartialSource(
            "Fashion-MNIST's training set", $"{FashionMnist.HowToGet} brings them all",
            arrays.Images(places.Length), places, labels.Length, new ImageSize(1, Side, Side));
        return new ImageSet(FashionMnist.Name, source, labels, FashionMnist.ClassNames.Count, FashionMnist.ClassNames);
    }

    // The arrays of a file, each refused where it is not what it should be: files that ship can be damaged, too.
    private sealed class Arrays(string path)
    {
        private readonly IReadOnlyDictionary<string, NpyArray> _arrays = Npz.Read(path);

        internal byte[] Images(int count)
        {
            var images = Named("images");
            return images.Type == NpyType.UInt8 && images.Shape.AsSpan().SequenceEqual([count, Side, Side])
                ? images.Elements<byte>()
                : throw new DataException(
                    $"{images.Source}: is {images.ShapeText()} of {images.Type.Code()}, " + ImageSet.Text($"{count} images of {Side}×{Side} of u1 were expected"));
        }

        internal int[] Labels(string name)
        {
            var labels = Integers(name);
            return labels.All(label => label >= 0 && label < FashionMnist.ClassNames.Count)
                ? Array.ConvertAll(labels, label => (int)label)
                : throw new DataException($"{path}: a label of '{name}' is out of range, that of a class of Fashion-MNIST was expected");
        }

        internal long[] Integers(string name) => Named(name) is { Shape.Length: 1 } array
            ? array.ToInt64s()
            : throw new DataException($"{path}: '{name}' is no list of numbers");

        private NpyArray Named(string name) =>
            _arrays.TryGetValue(name, out var array) ? array : throw new DataException($"{path}: has no array '{name}'");
    }
}
