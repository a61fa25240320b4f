using System.IO.Compression;
using System.Runtime.InteropServices;
using Sio.Engine;
using Sio.Serialization.Pickle;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Serialization;

/// <summary>
/// Reads files that Python's <c>torch.save</c> has written (since PyTorch 1.6: a zip archive with a pickle and a file per storage), such as
/// OpenOOD's <c>.ckpt</c> and <c>.pth</c>. Tensors and dictionaries only: a pickle that asks for anything else is refused, and nothing in it is ever executed.
/// </summary>
public static class TorchFile
{
    private const string PickleName = "/data.pkl";
    private const long MaxPickleBytes = 64 << 20;
    private const int MaxDepth = 16;
    private const int MaxValues = 1_000_000;

    /// <summary>Reads all tensors of a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>CPU tensors by name, those of nested dictionaries and lists under dotted names; owned by the caller and in no tensor scope.
    /// Numbers, texts and the like are passed over.</returns>
    /// <exception cref="TorchFileException">The file is damaged, of another kind, or asks for more than tensors and dictionaries.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlyDictionary<string, Tensor> Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            using var archive = new ZipArchive(file, ZipArchiveMode.Read);
            var pickle = archive.Entries.FirstOrDefault(entry => entry.FullName.EndsWith(PickleName, StringComparison.Ordinal))
                ?? throw new TorchFileException("it has no data.pkl: it was not written by torch.save");
            if (pickle.Length > MaxPickleBytes)
                throw new TorchFileException($"its pickle would have {pickle.Length} bytes, at most {MaxPickleBytes} are allowed");
            var root = pickle.FullName[..^PickleName.Length];
            CheckByteOrder(archive, root);
            var found = new Dictionary<string, PickleTensor>(StringComparer.Ordinal);
            var budget = MaxValues;
            Collect(PickleReader.Read(Bytes(pickle), new TorchVocabulary()), string.Empty, MaxDepth, ref budget, found);
            return Load(archive, root, found);
        }
        catch (Exception error) when (error is TorchFileException or InvalidDataException or EndOfStreamException or ExternalException or NotSupportedException)
        {
            throw new TorchFileException($"{path} cannot be read as a file of tensors: {TorchErrors.Describe(error)}", error);
        }
    }

    private static void CheckByteOrder(ZipArchive archive, string root)
    {
        if (archive.GetEntry(root + "/byteorder") is not { Length: < 16 } entry)
            return;
        var order = System.Text.Encoding.ASCII.GetString(Bytes(entry));
        if (order != "little")
            throw new TorchFileException($"its numbers are {order}-endian, only little-endian ones are read");
    }

    // Lists that hold one another many times over make a small file an endless tree, hence the budget.
    private static void Collect(object? value, string name, int depth, ref int budget, Dictionary<string, PickleTensor> found)
    {
        if (depth == 0 || --budget < 0)
            throw new TorchFileException($"its values are nested more than {MaxDepth} deep, or are more than {MaxValues}");
        var prefix = name.Length == 0 ? string.Empty : name + ".";
        switch (value)
        {
            case PickleTensor tensor:
                if (!found.TryAdd(name, tensor))
                    throw new TorchFileException($"the name '{name}' is there twice");
                break;
            case PickleDictionary dictionary:
                foreach (var (key, item) in dictionary.Entries)
                    Collect(item, prefix + Convert.ToString(key, System.Globalization.CultureInfo.InvariantCulture), depth - 1, ref budget, found);
                break;
            case IReadOnlyList<object?> list:
                for (var i = 0; i < list.Count; i++)
                    Collect(list[i], prefix + i.ToString(System.Globalization.CultureInfo.InvariantCulture), depth - 1, ref budget, found);
                break;
            default:
                break;
        }
    }

    private static Dictionary<string, Tensor> Load(ZipArchive archive, string root, Dictionary<string, PickleTensor> found)
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
                    storages.Add(tensor.Storage.Key, storage = Storage(archive, root, tensor.Storage));
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

    private static Tensor Storage(ZipArchive archive, string root, PickleStorage storage)
    {
        var name = $"{root}/data/{storage.Key}";
        var entry = archive.GetEntry(name) ?? throw new TorchFileException($"it has no {name}");
        // torch.save does not compress, so a size can be believed: it is there, byte for byte.
        if (entry.CompressedLength != entry.Length || entry.Length / storage.DType.ElementSize() < storage.Count)
            throw new TorchFileException($"{name} has {entry.Length} bytes, {storage.Count} elements of {storage.DType} were expected");
        var tensor = torch.empty([storage.Count], dtype: storage.DType);
        using var stream = entry.Open();
        tensor.ForEachBytes(stream.ReadExactly);
        return tensor;
    }

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        var bytes = new byte[entry.Length];
        using var stream = entry.Open();
        stream.ReadExactly(bytes);
        return bytes;
    }
}
