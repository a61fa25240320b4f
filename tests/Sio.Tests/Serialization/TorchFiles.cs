using System.IO.Compression;
using System.Text;

namespace Sio.Tests.Serialization;

/// <summary>Writes small files as torch.save does: a pickle of protocol 2, and a file per storage.</summary>
internal sealed class TorchFiles
{
    private readonly List<byte> _pickle = [];
    private readonly List<float[]> _storages = [];

    internal TorchFiles()
    {
        Raw([0x80, 2]);
        Raw("}("u8);
    }

    /// <summary>A file of one dictionary, or of one dictionary in each of several.</summary>
    internal static void Write(string path, params (string Key, Dictionary<string, float[]> State)[] sets)
    {
        var file = new TorchFiles();
        foreach (var (key, state) in sets)
            file.State(key, state);
        file.Save(path);
    }

    /// <summary>An entry whose value is given by opcodes.</summary>
    internal TorchFiles Value(string key, ReadOnlySpan<byte> opcodes)
    {
        Text(key);
        Raw(opcodes);
        return this;
    }

    /// <summary>An entry that something makes: module and name, and opcodes of the tuple of arguments.</summary>
    internal TorchFiles Made(string key, string module, string name, string arguments) => Value(key, Encoding.Latin1.GetBytes($"c{module}\n{name}\n{arguments}R"));

    /// <summary>A dictionary of tensors, or, where the key is empty, its tensors themselves.</summary>
    internal TorchFiles State(string key, Dictionary<string, float[]> state)
    {
        if (key.Length > 0)
        {
            Text(key);
            Raw("}("u8);
        }

        foreach (var (name, values) in state)
        {
            Text(name);
            Raw("ctorch._utils\n_rebuild_tensor_v2\n("u8);
            Storage(values);
            Raw(Encoding.Latin1.GetBytes("K\0K" + (char)values.Length + "\u0085K\u0001\u0085\u0089ccollections\nOrderedDict\n)RtR"));
        }

        if (key.Length > 0)
            Raw("u"u8);
        return this;
    }

    /// <summary>A storage, as a persistent id.</summary>
    internal TorchFiles Storage(float[] values)
    {
        Raw("("u8);
        Text("storage");
        Raw("ctorch\nFloatStorage\n"u8);
        Text(_storages.Count.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Text("cpu");
        Raw([(byte)'K', (byte)values.Length]);
        Raw("tQ"u8);
        _storages.Add(values);
        return this;
    }

    internal void Save(string path, CompressionLevel compression = CompressionLevel.NoCompression)
    {
        Raw("u."u8);
        using var archive = new ZipArchive(new FileStream(path, FileMode.Create), ZipArchiveMode.Create);
        Add("x/data.pkl", [.. _pickle], compression);
        for (var i = 0; i < _storages.Count; i++)
        {
            var bytes = new byte[_storages[i].Length * sizeof(float)];
            Buffer.BlockCopy(_storages[i], 0, bytes, 0, bytes.Length);
            Add($"x/data/{i}", bytes, CompressionLevel.NoCompression);
        }

        void Add(string name, byte[] bytes, CompressionLevel how)
        {
            using var stream = archive.CreateEntry(name, how).Open();
            stream.Write(bytes);
        }
    }

    internal void Raw(ReadOnlySpan<byte> bytes) => _pickle.AddRange(bytes);

    private void Text(string text)
    {
        Raw([(byte)'X', .. BitConverter.GetBytes(Encoding.UTF8.GetByteCount(text))]);
        Raw(Encoding.UTF8.GetBytes(text));
    }
}
