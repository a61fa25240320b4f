using Sio.Data;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Serialization;

/// <summary>What a safetensors file holds. Disposing frees the tensors.</summary>
/// <param name="Tensors">CPU tensors by name.</param>
/// <param name="Metadata">The file's <c>__metadata__</c>: text by name.</param>
public sealed record SafetensorsContent(IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Tensors.Values)
            tensor.Dispose();
    }
}

/// <summary>
/// Reads and writes safetensors files: 8 bytes of header length (little-endian), a JSON header padded with spaces to a multiple of 8,
/// then the tensors' bytes, laid out as the reference implementation does (wider types first, then by name).
/// </summary>
public static class Safetensors
{
    private const int LengthBytes = 8;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>CPU tensors, owned by the caller and in no tensor scope.</returns>
    /// <exception cref="SafetensorsException">The file is damaged: its header, its ranges or its length.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static SafetensorsContent Read(string path)
    {
        using var stream = InputFile.Open(path);
        try
        {
            return Read(stream, stream.Length);
        }
        catch (SafetensorsException error)
        {
            throw new SafetensorsException($"{path} is no valid safetensors file: {error.Message}", error);
        }
    }

    /// <summary>Writes tensors, from any device and layout.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="tensors">Names (not twice) and tensors, in any order.</param>
    /// <param name="metadata">Text to keep with them.</param>
    /// <exception cref="ArgumentException">A name is there twice or is <c>__metadata__</c>.</exception>
    public static void Write(
        Stream stream, IEnumerable<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        var ordered = tensors
            .OrderByDescending(entry => SafetensorsHeader.Rank(entry.Value.dtype))
            .ThenBy(entry => entry.Name, StringComparer.Ordinal)
            .ToArray();
        if (ordered.Select(entry => entry.Name).Append(SafetensorsHeader.MetadataKey).GroupBy(name => name).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new ArgumentException($"the name '{twice.Key}' is taken", nameof(tensors));

        var header = Header(ordered, metadata);
        Span<byte> length = stackalloc byte[LengthBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var (_, value) in ordered)
        {
            using var scope = NewDisposeScope();
            value.detach().cpu().contiguous().ForEachBytes(bytes => stream.Write(bytes));
        }
    }

    private static SafetensorsContent Read(Stream stream, long fileBytes)
    {
        if (fileBytes < LengthBytes)
            throw new SafetensorsException($"it has {fileBytes} bytes, a header needs at least {LengthBytes}");
        Span<byte> length = stackalloc byte[LengthBytes];
        stream.ReadExactly(length);
        var headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(length);
        if (headerBytes > SafetensorsHeader.MaxBytes)
            throw new SafetensorsException($"its header would have {headerBytes} bytes, at most {SafetensorsHeader.MaxBytes} are allowed");
        if ((long)headerBytes > fileBytes - LengthBytes)
            throw new SafetensorsException($"its header would have {headerBytes} bytes, the file has only {fileBytes}: it is truncated");
        var json = new byte[headerBytes];
        stream.ReadExactly(json);
        if (json.Length == 0 || json[0] != (byte)'{')
            throw new SafetensorsException("its header does not start with '{'");

        var header = SafetensorsHeader.Parse(json, fileBytes - LengthBytes - json.Length);
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        try
        {
            foreach (var entry in header.Entries)
            {
                var tensor = torch.empty(entry.Shape, dtype: entry.DType).DetachFromDisposeScope();
                tensors.Add(entry.Name, tensor);
                tensor.ForEachBytes(stream.ReadExactly);
            }
        }
        catch
        {
            foreach (var tensor in tensors.Values)
                tensor.Dispose();
            throw;
        }

        return new SafetensorsContent(tensors, header.Metadata);
    }

    private static byte[] Header((string Name, Tensor Value)[] tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafetensorsHeader.MetadataKey);
                foreach (var (key, value) in metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal))
                    json.WriteString(key, value);
                json.WriteEndObject();
            }

            long begin = 0;
            foreach (var (name, value) in tensors)
            {
                var end = begin + (value.numel() * value.dtype.ElementSize());
                json.WriteStartObject(name);
                json.WriteString("dtype", SafetensorsHeader.NameOf(value.dtype));
                WriteNumbers(json, "shape", value.shape);
                WriteNumbers(json, "data_offsets", [begin, end]);
                json.WriteEndObject();
                begin = end;
            }

            json.WriteEndObject();
        }

        while (buffer.Length % LengthBytes != 0)
            buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, long[] numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
