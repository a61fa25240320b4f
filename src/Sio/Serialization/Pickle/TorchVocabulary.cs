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

    internal override bool HasBytes => true;

    internal override bool HasOpaque => true;

    internal override bool Knows(string name) => name is "collections.OrderedDict" or "collections.defaultdict" || IsTensor(name) || s_storages.ContainsKey(name);

    internal override object Reduce(string name, object?[] arguments) => name switch
    {
        "collections.OrderedDict" when arguments.Length == 0 => new PickleDictionary(),
        // How Python 2 wrote it: a list of pairs.
        "collections.OrderedDict" when arguments is [List<object?> pairs] => Filled(pairs),
        // The first argument makes what is missing, and nothing is.
        "collections.defaultdict" when arguments.Length <= 1 => new PickleDictionary(),
        "torch._utils._rebuild_parameter" or "torch._utils._rebuild_parameter_with_state" when arguments.Length > 0 =>
            arguments[0] as PickleStrangeTensor ?? (object)Pickled.As<PickleTensor>(arguments[0]),
        "torch._utils._rebuild_tensor_v2" or "torch._utils._rebuild_tensor" when arguments is [var storage, long offset, object?[] shape, object?[] strides, ..] => new PickleTensor(
            Pickled.As<PickleStorage>(storage), offset, Longs(shape), Longs(strides)),
        // A tensor with attributes of its own, or of a class derived from it: function, class, the function's arguments, attributes.
        "torch._tensor._rebuild_from_type_v2" when arguments is [PickleGlobal builder, PickleGlobal, object?[] own, ..] && IsTensor(builder.Name) && builder.Name != name => Reduce(builder.Name, own),
        _ when Knows(name) && name != "torch._tensor._rebuild_from_type_v2" => throw Misused(name),
        _ when HasTensor(arguments) => new PickleStrangeTensor(name),
        _ => new PickleOpaque(name),
    };

    // Attributes of a dictionary, such as a state dict's _metadata, or of a tensor: dropped, like all that an unknown thing has.
    internal override void Build(object? target, object? state)
    {
        if (target is not (PickleDictionary or PickleOpaque or PickleTensor or PickleStrangeTensor))
            throw new InvalidDataException("the pickle sets attributes of something that has none: refused");
    }

    // ("storage", type, key, device, number of elements)
    internal override object Persistent(object?[] description) => description is ["storage", PickleGlobal type, string key, string, long count]
        && s_storages.TryGetValue(type.Name, out var dtype) && count >= 0
            ? new PickleStorage(dtype, key, count)
            : throw new InvalidDataException("the pickle refers to a storage of an unknown kind");

    private static bool IsTensor(string name) => name is "torch._utils._rebuild_tensor_v2" or "torch._utils._rebuild_tensor" or "torch._utils._rebuild_parameter"
        or "torch._utils._rebuild_parameter_with_state" or "torch._tensor._rebuild_from_type_v2";

    // Of what is given to a builder itself: what lies deeper belongs to something else.
    private static bool HasTensor(object?[] arguments) =>
        arguments.Any(argument => argument is PickleStorage or PickleTensor or PickleStrangeTensor || (argument is object?[] inner && inner.Any(item => item is PickleStorage or PickleTensor)));

    private static PickleDictionary Filled(List<object?> pairs)
    {
        var dictionary = new PickleDictionary();
        foreach (var pair in pairs)
        {
            var entry = pair as IReadOnlyList<object?> ?? throw new InvalidCastException("an entry of a dictionary is no pair");
            dictionary.Entries.Add(new KeyValuePair<object?, object?>(entry[0], entry[1]));
        }

        return dictionary;
    }

    private static long[] Longs(object?[] values) => Array.ConvertAll(values, value => value is long number ? number : throw new InvalidCastException("a size is no integer"));
}
