namespace Sio.Torch.Serialization.Pickle;

/// <summary>A name that a pickle refers to, such as <c>collections.OrderedDict</c>. It is only ever compared with known ones.</summary>
internal sealed record PickleGlobal(string Name);

/// <summary>A dictionary, its entries in order. Attributes set on it (a state dict's <c>_metadata</c>) are dropped.</summary>
internal sealed class PickleDictionary
{
    public List<KeyValuePair<object?, object?>> Entries { get; } = [];
}

/// <summary>Memory that tensors share: a file of its own in the archive.</summary>
internal sealed record PickleStorage(DType DType, string Key, long Count);

/// <summary>A tensor as the pickle describes it, before anything is read.</summary>
internal sealed record PickleTensor(PickleStorage Storage, long Offset, long[] Shape, long[] Strides);
