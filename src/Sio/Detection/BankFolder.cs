using System.Text.RegularExpressions;
using Sio.Data;
using Sio.Engine;
using static TorchSharp.torch;

namespace Sio.Detection;

/// <summary>
/// Features on disk, made by whatever framework: a folder with <c>fc_weight.npy</c> [C,D] and <c>fc_bias.npy</c> [C], and for each set <c>train</c>,
/// <c>val</c>, <c>val_ood</c>, <c>test_id</c> and <c>test_&lt;OOD set&gt;</c> the files <c>&lt;set&gt;_features.npy</c> [N,D], <c>&lt;set&gt;_logits.npy</c> [N,C] (float32; float16 and float64 are converted)
/// and <c>&lt;set&gt;_labels.npy</c> [N] (integers; OOD sets may do without); likewise for each <c>shifted_&lt;set&gt;</c> of covariate-shifted ID images, if any. Other files are passed over.
/// </summary>
public sealed partial class BankFolder : IBankSource
{
    /// <summary>The training images' set.</summary>
    public const string Train = "train";

    /// <summary>The ID validation images' set.</summary>
    public const string Validation = "val";

    /// <summary>The set of OOD images that hyper-parameters are chosen with.</summary>
    public const string ValidationOod = "val_ood";

    /// <summary>The ID test images' set.</summary>
    public const string Id = TestPrefix + "id";

    private const string TestPrefix = "test_";
    private const string ShiftedPrefix = "shifted_";
    private const string WeightFile = "fc_weight.npy";
    private const string BiasFile = "fc_bias.npy";
    private static readonly string[] s_parts = ["features", "logits", "labels"];

    private long _classes;
    private long _featureSize;

    /// <summary>Names a folder.</summary>
    public BankFolder(string path) => Path = System.IO.Path.GetFullPath(path);

    /// <summary>The folder's full path.</summary>
    public string Path { get; }

    /// <summary>Files from so many bytes on are not read into memory but mapped: the system reads what is needed, and drops it when memory is short.</summary>
    public long MapFrom { get; init; } = 1 << 28;

    /// <summary>The sets of OOD images, in the order of their names: <c>test_far</c>, <c>test_near</c>.</summary>
    public IReadOnlyList<string> OodSets => [.. SetsOf(TestPrefix).Where(set => set != Id)];

    /// <summary>The sets of covariate-shifted ID images, in the order of their names: <c>shifted_blur</c>, <c>shifted_noise</c>.</summary>
    public IReadOnlyList<string> ShiftedSets => [.. SetsOf(ShiftedPrefix)];

    /// <summary>Whether there is a file of the last layer.</summary>
    internal bool HasHead => File.Exists(System.IO.Path.Combine(Path, WeightFile)) || File.Exists(System.IO.Path.Combine(Path, BiasFile));

    /// <summary>The set of an OOD image set's name.</summary>
    public static string OodSet(string name) => TestPrefix + name;

    /// <summary>The set of a covariate-shifted ID image set's name.</summary>
    public static string ShiftedSet(string name) => ShiftedPrefix + name;

    /// <summary>Whether there is any file of a set.</summary>
    public bool Has(string set) => s_parts.Any(part => File.Exists(FileOf(set, part)));

    /// <summary>Reads the last layer, whose sizes are what features and logits are checked against.</summary>
    /// <returns>Weight [C,D] and bias [C]; the caller disposes them.</returns>
    /// <exception cref="DataException">The folder or a file is missing or damaged, or has another type or shape.</exception>
    /// <exception cref="DetectionException">A value is NaN or infinite.</exception>
    public (Tensor Weight, Tensor Bias) ReadHead()
    {
        if (!Directory.Exists(Path))
            throw new DataException($"{Path}: not found, a folder with {WeightFile}, {BiasFile}, train_features.npy, … was expected");
        if (!HasHead && (Directory.EnumerateFiles(Path, "*_images.npy").Any() || File.Exists(System.IO.Path.Combine(Path, "images_id.npy"))))
            throw new DataException($"{Path}: {WeightFile} not found; images in place of features need --model, the TorchScript model that is to see them");
        var weight = Npy.Read(System.IO.Path.Combine(Path, WeightFile));
        if (!IsFloat(weight.Type) || weight.Shape.Length != 2 || weight.Length == 0)
            throw Unexpected(weight, "floats of shape (classes, features)");
        (_classes, _featureSize) = (weight.Shape[0], weight.Shape[1]);
        var bias = Npy.Read(System.IO.Path.Combine(Path, BiasFile));
        if (!IsFloat(bias.Type) || bias.Shape.Length != 1 || bias.Length != _classes)
            throw Unexpected(bias, $"floats of shape ({_classes},), a value for each row of {WeightFile}");
        (weight, bias) = (weight.ToFloats(), bias.ToFloats());
        foreach (var array in new[] { weight, bias })
        {
            if (Array.FindIndex(array.Elements<float>(), value => !float.IsFinite(value)) is var bad and >= 0)
                throw new DetectionException($"{array.Source}: value {bad} is NaN or infinite");
        }

        return (Wrap(weight), Wrap(bias));
    }

    (Tensor Weight, Tensor Bias)? IBankSource.ReadHead() => ReadHead();

    /// <summary>Says what the sizes of features and logits are, where the last layer is not in the folder.</summary>
    internal void Expect(long features, long classes) => (_featureSize, _classes) = (features, classes);

    /// <summary>Reads the labels of an ID set that has images in place of features.</summary>
    /// <param name="set">The set.</param>
    /// <param name="count">The number of its images.</param>
    /// <param name="classes">C.</param>
    /// <param name="orMore">Whether there may be more labels than images: the first ones are theirs then.</param>
    /// <returns>A class per image; null where there is no file.</returns>
    internal int[]? ReadLabels(string set, int count, long classes, bool orMore)
    {
        if (!File.Exists(FileOf(set, "labels")))
            return null;
        var labels = Npy.Read(FileOf(set, "labels"));
        if (labels.Shape.Length != 1 || (orMore ? labels.Length < count : labels.Length != count))
            throw Unexpected(labels, $"integers of shape ({count},), one label per image{(orMore ? ", or more" : string.Empty)}");
        var own = labels.ToInt64s().AsSpan(0, count).ToArray();
        var bad = Array.FindIndex(own, label => label < 0 || label >= classes);
        return bad < 0
            ? Array.ConvertAll(own, label => (int)label)
            : throw new DataException($"{labels.Source}: label {own[bad]} of image {bad} is no class, 0..{classes - 1} was expected");
    }

    /// <summary>Reads a set. <see cref="ReadHead"/> comes first.</summary>
    /// <returns>A bank of the set's name, which the caller disposes.</returns>
    /// <exception cref="DataException">A file is missing or damaged, or has another type or shape, or a label is no class.</exception>
    /// <exception cref="DetectionException">A feature or logit is NaN or infinite; the message has the image's index.</exception>
    public FeatureBank Read(string set)
    {
        if (_classes == 0)
            throw new InvalidOperationException("read the last layer first");
        try
        {
            return ReadSet(set);
        }
        catch (DetectionException error)
        {
            // A bank knows its set's name alone, and there may be several folders.
            throw new DetectionException($"{Path}: {error.Message}");
        }
    }

    private FeatureBank ReadSet(string set)
    {
        using var scope = NewDisposeScope();
        var features = ReadRows(set, "features", _featureSize);
        var logits = ReadRows(set, "logits", _classes);
        var count = features.size(0);
        if (logits.size(0) != count)
            throw new DataException($"{FileOf(set, "logits")}: has {logits.size(0)} rows, {count} were expected as in {set}_features.npy");
        // Labels tell classes in the ID sets alone: an OOD set may do without.
        var isId = IsId(set);
        if (!isId && !File.Exists(FileOf(set, "labels")))
            return new FeatureBank(set, features, logits, OodLabels(count));
        var labels = Npy.Read(FileOf(set, "labels"));
        if (labels.Shape.Length != 1 || labels.Length != count)
            throw Unexpected(labels, $"integers of shape ({count},), one label per row of {set}_features.npy");

        var classes = labels.ToInt64s();
        var bad = isId ? Array.FindIndex(classes, label => label < 0 || label >= _classes) : -1;
        if (bad >= 0)
            throw new DataException($"{labels.Source}: label {classes[bad]} of image {bad} is no class, 0..{_classes - 1} was expected");
        return new FeatureBank(set, features, logits, isId ? Array.ConvertAll(classes, label => (int)label) : OodLabels(count));
    }

    /// <summary>
    /// Reads what this bank's network says of the images of another bank: of this folder only <c>&lt;set&gt;_logits.npy</c> and <c>&lt;set&gt;_labels.npy</c> are needed.
    /// </summary>
    /// <param name="set">The set.</param>
    /// <param name="same">The other bank's set.</param>
    /// <returns>Logits [N,C] float32, which the caller disposes.</returns>
    /// <exception cref="DataException">A file is missing or damaged, the set has other classes or another number of images, or an ID image has another label.</exception>
    public Tensor ReadLogits(string set, FeatureBank same)
    {
        ArgumentNullException.ThrowIfNull(same);
        var (count, classes) = (same.Logits.size(0), same.Logits.size(1));
        var path = FileOf(set, "logits");
        var (type, shape, offset) = Npy.ReadHeader(path);
        if (!IsFloat(type) || !shape.AsSpan().SequenceEqual([count, classes]))
            throw Unexpected(path, type, shape, $"floats of shape ({count}, {classes}): the banks of an ensemble hold the same images and classes");
        if (!IsId(set) && !File.Exists(FileOf(set, "labels")))
            return Load(path, type, offset, shape);
        var labels = Npy.Read(FileOf(set, "labels"));
        if (labels.Shape.Length != 1 || labels.Length != count)
            throw Unexpected(labels, $"integers of shape ({count},): the banks of an ensemble hold the same images");
        var others = labels.ToInt64s();
        var bad = IsId(set) && same.HasLabels ? Array.FindIndex([.. Enumerable.Range(0, others.Length)], i => others[i] != same.Labels[i]) : -1;
        return bad < 0
            ? Load(path, type, offset, shape)
            : throw new DataException($"{labels.Source}: image {bad} has the label {others[bad]}, expected {same.Labels[bad]}: the banks of an ensemble hold the same images in the same order");
    }

    /// <summary>
    /// Writes a bank: all files aside first, then each into place, so that a full disk or an interruption leaves what was there before. Sets of the same network
    /// that are there already stay.
    /// </summary>
    /// <param name="head">The last layer: weight [C,D] and bias [C], float32; null where logits are made in another way.</param>
    /// <param name="sets">Makes the sets one by one, by their names in the bank; each is disposed once it is written.</param>
    /// <param name="more">Writes further files into the folder that it is given; they come into place with the others.</param>
    /// <exception cref="DataException">The folder holds another network's features.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public void Write((Tensor Weight, Tensor Bias)? head, IEnumerable<(string Set, FeatureBank Bank)> sets, Action<string>? more = null)
    {
        ArgumentNullException.ThrowIfNull(sets);
        RefuseOthers(head);
        var aside = System.IO.Path.Combine(Path, $".sio-bank-{Environment.ProcessId}");
        try
        {
            Directory.CreateDirectory(aside);
            if (head is var (weight, bias))
            {
                WriteTensor(WeightFile, weight);
                WriteTensor(BiasFile, bias);
            }

            foreach (var (set, bank) in sets)
            {
                using (bank)
                {
                    WriteTensor($"{set}_features.npy", bank.Features);
                    WriteTensor($"{set}_logits.npy", bank.Logits);
                    Npy.Write(System.IO.Path.Combine(aside, $"{set}_labels.npy"), NpyArray.Create(Array.ConvertAll(bank.Labels, label => (long)label)));
                }
            }

            more?.Invoke(aside);
            foreach (var file in Directory.GetFiles(aside))
                File.Move(file, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(file)), overwrite: true);
        }
        finally
        {
            if (Directory.Exists(aside))
                Directory.Delete(aside, recursive: true);
        }

        void WriteTensor(string name, Tensor tensor) =>
            Npy.Write(System.IO.Path.Combine(aside, name), NpyArray.Create(tensor.ToArray<float>(), tensor.shape));
    }

    /// <summary>Sees, before any work is done, that features of this network may come into the folder.</summary>
    /// <exception cref="DataException">The folder holds another network's features.</exception>
    public void RefuseOthers((Tensor Weight, Tensor Bias)? head)
    {
        if (head is not var (weight, bias))
        {
            // Nothing would tell whose they are.
            if (Directory.Exists(Path) && Directory.EnumerateFiles(Path, "*_features.npy").Any())
                throw new DataException($"{Path} holds features that may be another network's, which cannot be seen for one without a linear last layer: choose another --out");
            return;
        }

        foreach (var (name, own) in new[] { (WeightFile, weight), (BiasFile, bias) })
        {
            var path = System.IO.Path.Combine(Path, name);
            if (!File.Exists(path))
                continue;
            var there = Npy.Read(path);
            if (there.Type != NpyType.Float32 || !there.Elements<float>().AsSpan().SequenceEqual(own.ToArray<float>()))
                throw new DataException($"{Path} holds the features of another network ({name} differs): choose another --out");
        }
    }

    /// <summary>Whether a set is of ID images, whose labels are classes.</summary>
    internal static bool IsId(string set) => set is Train or Validation or Id || set.StartsWith(ShiftedPrefix, StringComparison.Ordinal);

    private static bool IsFloat(NpyType type) => type is NpyType.Float16 or NpyType.Float32 or NpyType.Float64;

    private static int[] OodLabels(long count)
    {
        var labels = new int[count];
        Array.Fill(labels, ImageSet.OodLabel);
        return labels;
    }

    private static Tensor Wrap(NpyArray array) => TensorMemory.Wrap(array.Elements<float>(), array.Shape);

    private static DataException Unexpected(NpyArray array, string expected) => Unexpected(array.Source, array.Type, array.Shape, expected);

    private static DataException Unexpected(string path, NpyType type, long[] shape, string expected) =>
        new($"{path}: holds {type.ToString().ToLowerInvariant()} of shape {NpyArray.FormatShape(shape)}, expected {expected}");

    private Tensor ReadRows(string set, string part, long width)
    {
        var path = FileOf(set, part);
        var (type, shape, offset) = Npy.ReadHeader(path);
        if (!IsFloat(type) || shape.Length != 2 || shape[1] != width)
            throw Unexpected(path, type, shape, $"floats of shape (images, {width}), to match {WeightFile} of shape ({_classes}, {_featureSize})");
        if (shape[0] == 0)
            throw new DataException($"{path}: holds no images");
        return Load(path, type, offset, shape);
    }

    private Tensor Load(string path, NpyType type, long? offset, long[] shape) =>
        type == NpyType.Float32 && offset is { } start && start % sizeof(float) == 0 && shape[0] * shape[1] >= MapFrom / sizeof(float)
            ? TensorMemory.Map(path, start, ScalarType.Float32, shape)
            : Wrap(Npy.Read(path).ToFloats());

    private string FileOf(string set, string part) => System.IO.Path.Combine(Path, $"{set}_{part}.npy");

    private IEnumerable<string> SetsOf(string prefix) => Directory.EnumerateFiles(Path, prefix + "*.npy")
        .Select(file => SetFile().Match(System.IO.Path.GetFileName(file)))
        .Where(match => match.Success)
        .Select(match => match.Groups[1].Value)
        .Distinct()
        .Order(StringComparer.Ordinal);

    [GeneratedRegex("^((?:test|shifted)_.+)_(?:features|logits|labels)\\.npy$", RegexOptions.CultureInvariant)]
    private static partial Regex SetFile();
}
