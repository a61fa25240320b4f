using static TorchSharp.torch;

namespace Sio.Serialization.Pickle;

/// <summary>A name that a pickle refers to, such as <c>collections.OrderedDict</c>. It is only ever compared with known ones.</summary>
internal sealed record PickleGlobal(string Name);

/// <summary>A dictionary, its entries in order. Attributes set on it (a state dict's <c>_metadata</c>) are dropped.</summary>
internal sealed class PickleDictionary
{
    public List<KeyValuePair<object?, object?>> Entries { get; } = [];
}

/// <summary>A value of a kind that nobody asks for, such as a date or a scheduler. Nothing of it is made, and its content is passed
/// over.</summary>
/// <param name="Kind">What the pickle calls it: <c>datetime.datetime</c>.</param>
internal sealed record PickleOpaque(string Kind);

/// <summary>A tensor that is built in a way that is not known: its numbers cannot be had.</summary>
/// <param name="Builder">What would build it.</param>
internal sealed record PickleStrangeTensor(string Builder);

/// <summary>Memory that tensors share: a file of its own in the archive.</summary>
internal sealed record PickleStorage(ScalarType DType, string Key, long Count);

/// <summary>A tensor as the pickle describes it, before anything is read.</summary>
internal sealed record PickleTensor(PickleStorage Storage, long Offset, long[] Shape, long[] Strides);

/// <summary>A byte string, where it stands in the pickle.</summary>
internal sealed record PickleBytes(ReadOnlyMemory<byte> Bytes);

/// <summary>numpy's type of an array's elements: <c>u1</c>, <c>i8</c>, … with its byte order.</summary>
internal sealed class PickleType
{
    public required string Code { get; init; }

    public char Order { get; set; } = '|';
}

/// <summary>A numpy array; its content comes after its making.</summary>
internal sealed class PickleArray
{
    public long[] Shape { get; private set; } = [];

    public PickleType? Type { get; private set; }

    public bool ColumnMajor { get; private set; }

    public ReadOnlyMemory<byte> Bytes { get; private set; }

    public void Fill(long[] shape, PickleType type, bool columnMajor, ReadOnlyMemory<byte> bytes) => (Shape, Type, ColumnMajor, Bytes) = (shape, type, columnMajor, bytes);
}
