using static TorchSharp.torch;

namespace Sio.Serialization.Pickle;

/// <summary>What <c>torch.save</c> writes of tensors, numbers, strings, tuples, lists and dictionaries.</summary>
internal sealed class TorchVocabulary : PickleVocabulary
{
    private static readonly Dictionary<string, ScalarType> s_storages = new(StringComparer.Ordinal)
    {
        ["torch.FloatStorage"] = ScalarType.Float32,
        ["torch.DoubleStorage"] = ScalarType.Float64,
        ["torch.HalfStorage"] = ScalarType.Float16,
        ["torch.BFloat16Storage"] = ScalarType.BFloat16,
        ["torch.LongStorage"] = ScalarType.Int64,
        ["torch.IntStorage"] = ScalarType.Int32,
        ["torch.ShortStorage"] = ScalarType.Int16,
        ["torch.CharStorage"] = ScalarType.Int8,
        ["torch.ByteStorage"] = ScalarType.Byte,
        ["torch.BoolStorage"] = ScalarType.Bool,
    };

    internal override string Purpose => "files of tensors";

    internal override string Allowed => "only tensors and dictionaries are read";

    internal override bool Knows(string name) =>
        name is "collections.OrderedDict" or "torch._utils._rebuild_tensor_v2" or "torch._utils._rebuild_parameter" || s_storages.ContainsKey(name);

    internal override object Reduce(string name, object?[] arguments) => name switch
    {
        "collections.OrderedDict" when arguments.Length == 0 => new PickleDictionary(),
        "torch._utils._rebuild_parameter" when arguments.Length > 0 => Pickled.As<PickleTensor>(arguments[0]),
        "torch._utils._rebuild_tensor_v2" when arguments is [var storage, long offset, object?[] shape, object?[] strides, ..] => new PickleTensor(
            Pickled.As<PickleStorage>(storage), offset, Longs(shape), Longs(strides)),
        _ => throw Misused(name),
    };

    // Attributes of a dictionary, such as a state dict's _metadata: dropped.
    internal override void Build(object? target, object? state)
    {
        if (target is not PickleDictionary)
            throw new InvalidDataException("the pickle sets attributes of something that is no dictionary: refused");
    }

    // ("storage", type, key, device, number of elements)
    internal override object Persistent(object?[] description) => description is ["storage", PickleGlobal type, string key, string, long count]
        && s_storages.TryGetValue(type.Name, out var dtype) && count >= 0
            ? new PickleStorage(dtype, key, count)
            : throw new InvalidDataException("the pickle refers to a storage of an unknown kind");

    private static long[] Longs(object?[] values) => Array.ConvertAll(values, value => value is long number ? number : throw new InvalidCastException("a size is no integer"));
}
