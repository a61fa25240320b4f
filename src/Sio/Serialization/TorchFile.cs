using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Sio.Data;
using Sio.Engine;
using Sio.Serialization.Pickle;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Serialization;

/// <summary>What a file of <c>torch.save</c> has beside its tensors.</summary>
/// <param name="WithoutSums">Whether it was written without checksums, so that damage cannot be seen.</param>
/// <param name="PassedOver">Names of values of unknown kinds, each with its kind; a few at most.</param>
internal sealed record TorchFileNotes(bool WithoutSums, IReadOnlyList<(string Name, string Kind)> PassedOver);

/// <summary>
/// Reads files that Python's <c>torch.save</c> has written (since PyTorch 1.6: a zip archive with a pickle and a file per storage), such as
/// OpenOOD's <c>.ckpt</c> and <c>.pth</c>. Tensors and dictionaries are read, values of other kinds are passed over: nothing in a pickle is
/// ever executed.
/// </summary>
public static class TorchFile
{
    private const string PickleName = "/data.pkl";
    private const long MaxPickleBytes = 64 << 20;

    // torch.save does not compress; what others have packed may be ten times as large as the state of a training needs.
    private const long MaxUnpackedPickleBytes = 8 << 20;
    private const int MaxDepth = 16;
    private const int MaxValues = 1_000_000;
    private const int MaxPassedOver = 8;

    /// <summary>Reads all tensors of a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>CPU tensors by name, those of nested dictionaries and lists under dotted names; owned by the caller and in no tensor scope.
    /// Numbers, texts and the like are passed over.</returns>
    /// <exception cref="TorchFileException">The file is damaged, of another kind, or has no tensors, or one that is built in an unknown
    /// way.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlyDictionary<string, Tensor> Read(string path) => Read(path, out _);

    /// <summary>Reads all tensors of a file, and says what else there is to say of it.</summary>
    /// <inheritdoc cref="Read(string)"/>
    internal static IReadOnlyDictionary<string, Tensor> Read(string path, out TorchFileNotes notes)
    {
        using var file = InputFile.Open(path);
        try
        {
            if (WeightsFileKind.Refusal(file) is { } other)
                throw new TorchFileException(other);
            using var archive = new ZipArchive(file, ZipArchiveMode.Read);
            ZipHeaders.Check(file, "its archive");
            var pickle = archive.Entries.FirstOrDefault(entry => entry.FullName.EndsWith(PickleName, StringComparison.Ordinal))
                ?? throw new TorchFileException(WeightsFileKind.Refusal(archive));
            var limit = pickle.CompressedLength == pickle.Length ? MaxPickleBytes : MaxUnpackedPickleBytes;
            if (pickle.Length > limit)
                throw new TorchFileException($"its pickle would have {pickle.Length} bytes, at most {limit} are allowed");

            // torch.save has a setting to write none; then all of them are 0.
            var withoutSums = archive.Entries.All(entry => entry.Crc32 == 0);
            var source = new Source(archive, pickle.FullName[..^PickleName.Length], withoutSums);
            CheckByteOrder(source);
            var content = new Content();
            content.Collect(PickleReader.Read(source.Bytes(pickle), new TorchVocabulary()), string.Empty, MaxDepth);
            if (content.Tensors.Count == 0)
                throw new TorchFileException($"it holds no tensors{Others(content.PassedOver)}: {WeightsFileKind.SaveAnew}");
            notes = new TorchFileNotes(withoutSums, content.PassedOver);
            return Load(source, content.Tensors);
        }
        catch (Exception error) when (error is TorchFileException or DataException or InvalidDataException or EndOfStreamException or ExternalException or NotSupportedException)
        {
            throw new TorchFileException($"{path} cannot be read as a file of tensors: {TorchErrors.Describe(error)}", error);
        }
    }

    /// <summary>What was passed over, for messages: ", but 'model', an object of torch.nn.Linear".</summary>
    internal static string Others(IReadOnlyList<(string Name, string Kind)> passedOver) => passedOver.Count == 0
        ? string.Empty
        : $", but {string.Join(", ", passedOver.Take(3).Select(entry => (entry.Name.Length == 0 ? "all of it" : $"'{entry.Name}'") + $", an object of {entry.Kind}"))}, which is passed over";

    private static void CheckByteOrder(Source source)
    {
        if (source.Find("byteorder") is not { Length: < 16 } entry)
            return;
        var order = System.Text.Encoding.ASCII.GetString(source.Bytes(entry));
        if (order != "little")
            throw new TorchFileException($"its numbers are {order}-endian, only little-endian ones are read");
    }

    private static Dictionary<string, Tensor> Load(Source source, Dictionary<string, PickleTensor> found)
    {
        var storages = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        using var scope = NewDisposeScope();
        try
        {
            foreach (var (name, tensor) in found)
            {
                CheckBounds(name, tensor);
                if (!storages.TryGetValue(tensor.Storage.Key, out var storage))
                    storages.Add(tensor.Storage.Key, storage = Storage(source, tensor.Storage));
                if (storage.dtype != tensor.Storage.DType || storage.numel() < tensor.Storage.Count)
                    throw new TorchFileException($"'{name}' describes its storage in another way than a tensor before it");
                tensors.Add(name, storage.as_strided(tensor.Shape, tensor.Strides, tensor.Offset).clone().DetachFromDisposeScope());
            }

            return tensors;
        }
        catch
        {
            foreach (var tensor in tensors.Values)
                tensor.Dispose();
            throw;
        }
    }

    // The last element that shape and strides can reach must be inside the storage.
    private static void CheckBounds(string name, PickleTensor tensor)
    {
        try
        {
            if (tensor.Shape.Length != tensor.Strides.Length || tensor.Offset < 0 || tensor.Shape.Concat(tensor.Strides).Any(value => value < 0))
                throw new TorchFileException($"'{name}' has an impossible shape");
            var empty = tensor.Shape.Contains(0);
            var last = tensor.Shape.Zip(tensor.Strides).Aggregate(tensor.Offset, (sum, pair) => checked(sum + ((pair.First - 1) * pair.Second)));
            // A stride of 0 repeats elements: a file of a few bytes could ask for any amount of memory.
            var elements = tensor.Shape.Aggregate(1L, (product, size) => checked(product * size));
            if (!empty && (last >= tensor.Storage.Count || elements > tensor.Storage.Count))
                throw new TorchFileException($"'{name}' reaches beyond its storage of {tensor.Storage.Count} elements");
        }
        catch (OverflowException error)
        {
            throw new TorchFileException($"'{name}' has an impossible shape", error);
        }
    }

    private static Tensor Storage(Source source, PickleStorage storage)
    {
        var entry = source.Find($"data/{storage.Key}") ?? throw new TorchFileException($"it has no {source.Root}/data/{storage.Key}");
        // torch.save does not compress, so a size can be believed: it is there, byte for byte.
        if (entry.CompressedLength != entry.Length || entry.Length / storage.DType.ElementSize() < storage.Count)
            throw new TorchFileException($"{entry.FullName} has {entry.Length} bytes, {storage.Count} elements of {storage.DType} were expected");
        var tensor = torch.empty([storage.Count], dtype: storage.DType);
        source.Read(entry, stream => tensor.ForEachBytes(stream.ReadExactly));
        return tensor;
    }

    // The archive, and whether its checksums mean something.
    private sealed record Source(ZipArchive Archive, string Root, bool WithoutSums)
    {
        internal ZipArchiveEntry? Find(string name) => Archive.GetEntry($"{Root}/{name}");

        internal byte[] Bytes(ZipArchiveEntry entry)
        {
            var bytes = new byte[entry.Length];
            Read(entry, stream => stream.ReadExactly(bytes));
            return bytes;
        }

        // .NET does not compare the sums: a weight with one other bit would be taken for a weight.
        internal void Read(ZipArchiveEntry entry, Action<Stream> read)
        {
            using var stream = entry.Open();
            var sum = new ChecksumStream(stream);
            read(sum);

            // A storage may be longer than its tensors need.
            sum.CopyTo(Stream.Null);
            if (!WithoutSums && sum.Checksum != entry.Crc32)
                throw new TorchFileException($"{entry.FullName} is damaged: its checksum is {sum.Checksum:x8}, expected {entry.Crc32:x8}; copy or download the file anew");
        }
    }

    // Lists that hold one another many times over make a small file an endless tree, hence the budget.
    private sealed class Content
    {
        private int _budget = MaxValues;

        internal Dictionary<string, PickleTensor> Tensors { get; } = new(StringComparer.Ordinal);

        internal List<(string Name, string Kind)> PassedOver { get; } = [];

        internal void Collect(object? value, string name, int depth)
        {
            if (depth == 0 || --_budget < 0)
                throw new TorchFileException($"its values are nested more than {MaxDepth} deep, or are more than {MaxValues}");
            var prefix = name.Length == 0 ? string.Empty : name + ".";
            switch (value)
            {
                case PickleTensor tensor:
                    if (!Tensors.TryAdd(name, tensor))
                        throw new TorchFileException($"the name '{name}' is there twice");
                    break;
                case PickleStrangeTensor strange:
                    throw new TorchFileException($"'{name}' is a tensor that {strange.Builder} would build, which is not read: store it as a plain tensor, or leave it out");
                case PickleOpaque opaque:
                    if (PassedOver.Count < MaxPassedOver)
                        PassedOver.Add((name, opaque.Kind));
                    break;
                case PickleDictionary dictionary:
                    for (var i = 0; i < dictionary.Entries.Count; i++)
                        Collect(dictionary.Entries[i].Value, prefix + Key(dictionary.Entries[i].Key, i), depth - 1);
                    break;
                case IReadOnlyList<object?> list:
                    for (var i = 0; i < list.Count; i++)
                        Collect(list[i], prefix + i.ToString(CultureInfo.InvariantCulture), depth - 1);
                    break;
                default:
                    break;
            }
        }

        // Keys may be of any kind, and only texts and numbers have a name of their own.
        private static string Key(object? key, int number) => key is string or long or double or bool
            ? Convert.ToString(key, CultureInfo.InvariantCulture)!
            : $"#{number.ToString(CultureInfo.InvariantCulture)}";
    }
}
