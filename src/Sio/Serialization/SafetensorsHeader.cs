using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Serialization;

/// <summary>One tensor's entry in a safetensors header.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="DType">Element type.</param>
/// <param name="Shape">Lengths of the dimensions.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">One past the last byte.</param>
internal sealed record SafetensorsEntry(string Name, ScalarType DType, long[] Shape, long Begin, long End);

/// <summary>
/// The header of the safetensors format (huggingface/safetensors): a JSON object of names, types, shapes and byte ranges. Everything
/// in it is checked against the file before any tensor is made.
/// </summary>
internal sealed class SafetensorsHeader
{
    internal const string MetadataKey = "__metadata__";

    /// <summary>The reference implementation's limit.</summary>
    internal const long MaxBytes = 100_000_000;

    private static readonly (string Name, ScalarType DType)[] s_types =
    [
        ("BOOL", ScalarType.Bool), ("U8", ScalarType.Byte), ("I8", ScalarType.Int8), ("I16", ScalarType.Int16), ("F16", ScalarType.Float16),
        ("BF16", ScalarType.BFloat16), ("I32", ScalarType.Int32), ("F32", ScalarType.Float32), ("F64", ScalarType.Float64), ("I64", ScalarType.Int64),
    ];

    private SafetensorsHeader(List<SafetensorsEntry> entries, Dictionary<string, string> metadata)
    {
        Entries = entries;
        Metadata = metadata;
    }

    /// <summary>Tensors in the order of their bytes.</summary>
    internal IReadOnlyList<SafetensorsEntry> Entries { get; }

    internal IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Where a type stands in the reference implementation's order, by which it sorts tensors (last first).</summary>
    internal static int Rank(ScalarType dtype) => Array.FindIndex(s_types, type => type.DType == dtype);

    internal static string NameOf(ScalarType dtype) => s_types[Rank(dtype)].Name;

    /// <summary>Reads and checks a header.</summary>
    /// <param name="json">The header's bytes.</param>
    /// <param name="dataBytes">Bytes that follow it in the file.</param>
    /// <exception cref="SafetensorsException">Anything that the format does not allow; the message has no file name.</exception>
    internal static SafetensorsHeader Parse(ReadOnlyMemory<byte> json, long dataBytes)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new SafetensorsException("the header is no JSON object");
            var entries = new List<SafetensorsEntry>();
            var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.Name == MetadataKey)
                    ReadMetadata(property.Value, metadata);
                else
                    entries.Add(ReadEntry(property.Name, property.Value));
            }

            CheckRanges(entries, dataBytes);
            return new SafetensorsHeader(entries, metadata);
        }
        catch (JsonException error)
        {
            throw new SafetensorsException($"the header is not valid JSON ({error.Message})", error);
        }
        catch (InvalidOperationException error)
        {
            // A JSON string that is not valid Unicode is found out only when it is read.
            throw new SafetensorsException($"the header has invalid text ({error.Message})", error);
        }
    }

    private static void ReadMetadata(JsonElement element, Dictionary<string, string> metadata)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new SafetensorsException($"{MetadataKey} is no JSON object");
        foreach (var property in element.EnumerateObject())
        {
            metadata[property.Name] = property.Value.ValueKind == JsonValueKind.String
                ? property.Value.GetString()!
                : throw new SafetensorsException($"{MetadataKey} entry '{property.Name}' is no string");
        }
    }

    private static SafetensorsEntry ReadEntry(string name, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new SafetensorsException($"the entry of '{name}' is no JSON object");
        ScalarType? dtype = null;
        long[]? shape = null;
        long[]? offsets = null;
        foreach (var property in element.EnumerateObject())
        {
            switch (property.Name)
            {
                case "dtype":
                    var text = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString() : property.Value.GetRawText();
                    var index = Array.FindIndex(s_types, type => type.Name == text);
                    dtype = index >= 0 ? s_types[index].DType : throw new SafetensorsException($"'{name}' has the type {text}, which is not supported");
                    break;
                case "shape":
                    shape = ReadNumbers(name, property);
                    break;
                case "data_offsets":
                    offsets = ReadNumbers(name, property);
                    break;
                default:
                    throw new SafetensorsException($"the entry of '{name}' has the unknown key '{property.Name}'");
            }
        }

        if (dtype is null || shape is null || offsets is not [var begin, var end])
            throw new SafetensorsException($"the entry of '{name}' needs dtype, shape and two data_offsets");
        if (ByteCount(name, dtype.Value, shape) != end - begin)
            throw new SafetensorsException($"'{name}' is {NameOf(dtype.Value)} [{string.Join(",", shape)}], which does not fill its bytes {begin} to {end}");
        return new SafetensorsEntry(name, dtype.Value, shape, begin, end);
    }

    private static long[] ReadNumbers(string name, JsonProperty property)
    {
        if (property.Value.ValueKind != JsonValueKind.Array)
            throw new SafetensorsException($"{property.Name} of '{name}' is no list");
        var numbers = new List<long>();
        foreach (var item in property.Value.EnumerateArray())
        {
            numbers.Add(item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out var number) && number >= 0
                ? number
                : throw new SafetensorsException($"{property.Name} of '{name}' has {item.GetRawText()}, expected a whole number from 0"));
        }

        return [.. numbers];
    }

    private static long ByteCount(string name, ScalarType dtype, long[] shape)
    {
        try
        {
            return shape.Aggregate((long)dtype.ElementSize(), (product, size) => checked(product * size));
        }
        catch (OverflowException error)
        {
            throw new SafetensorsException($"'{name}' has the impossible shape [{string.Join(",", shape)}]", error);
        }
    }

    // Byte ranges must follow one another without gap or overlap and fill the file, as the reference implementation demands.
    private static void CheckRanges(List<SafetensorsEntry> entries, long dataBytes)
    {
        entries.Sort((a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.End.CompareTo(b.End));
        long expected = 0;
        foreach (var entry in entries)
        {
            if (entry.Begin != expected)
                throw new SafetensorsException($"the bytes of '{entry.Name}' start at {entry.Begin}, expected {expected}: ranges overlap or leave a gap");
            expected = entry.End;
        }

        if (expected != dataBytes)
            throw new SafetensorsException($"the tensors need {expected} bytes, the file has {dataBytes}: it is truncated or has bytes too many");
    }
}
