using System.Buffers.Binary;
using System.Text;

namespace Sio.Torch.Serialization.Pickle;

/// <summary>
/// Reads the pickles that <c>torch.save</c> writes of tensors, numbers, strings, tuples, lists and dictionaries (protocol 2 to 5, documented in
/// Python's <c>pickletools</c>). A pickle is a program for a stack machine that may call anything; this machine knows the few opcodes such files
/// need, and the handful of names below. Whatever else a file asks for is refused by name: nothing is ever called.
/// </summary>
internal sealed class PickleReader
{
    private static readonly Dictionary<string, DType> s_storages = new(StringComparer.Ordinal)
    {
        ["torch.FloatStorage"] = DType.Float32,
        ["torch.DoubleStorage"] = DType.Float64,
        ["torch.HalfStorage"] = DType.Float16,
        ["torch.BFloat16Storage"] = DType.BFloat16,
        ["torch.LongStorage"] = DType.Int64,
        ["torch.IntStorage"] = DType.Int32,
        ["torch.ShortStorage"] = DType.Int16,
        ["torch.CharStorage"] = DType.Int8,
        ["torch.ByteStorage"] = DType.UInt8,
        ["torch.BoolStorage"] = DType.Bool,
    };

    private static readonly object s_mark = new();

    private readonly byte[] _data;
    private readonly List<object?> _stack = [];
    private readonly Dictionary<long, object?> _memo = [];
    private int _at;

    private PickleReader(byte[] data) => _data = data;

    /// <summary>Runs a pickle.</summary>
    /// <returns>null, bool, long, double, string, object?[] (tuple), List of object?, or one of the types beside this one.</returns>
    /// <exception cref="TorchFileException">The pickle is damaged, or asks for something that is not allowed.</exception>
    internal static object? Read(byte[] data)
    {
        try
        {
            return new PickleReader(data).Run();
        }
        catch (Exception error) when (error is ArgumentOutOfRangeException or InvalidCastException or KeyNotFoundException or OverflowException or IndexOutOfRangeException)
        {
            // Damage shows as an opcode that finds too little on the stack, or something of another kind.
            throw new TorchFileException($"the pickle is damaged ({error.Message})", error);
        }
    }

    private object? Run()
    {
        while (true)
        {
            var opcode = (char)Take(1)[0];
            switch (opcode)
            {
                case '\x80': // PROTO
                    var protocol = Take(1)[0];
                    if (protocol is < 2 or > 5)
                        throw new TorchFileException($"the pickle has protocol {protocol}, expected 2 to 5");
                    break;
                case '\x95': // FRAME: how many bytes follow, of no use here
                    Take(8);
                    break;
                case '.': // STOP
                    return Pop();
                default:
                    if (!Constant(opcode) && !Container(opcode) && !Memo(opcode) && !Call(opcode))
                        throw new TorchFileException($"the pickle has the opcode 0x{(int)opcode:x2} at byte {_at - 1}, which files of tensors do not need: refused");
                    break;
            }
        }
    }

    private bool Constant(char opcode)
    {
        switch (opcode)
        {
            case 'N': Push(null); break;
            case '\x88': Push(true); break;
            case '\x89': Push(false); break;
            case 'K': Push((long)Take(1)[0]); break;
            case 'M': Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
            case 'J': Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
            case 'G': Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
            case '\x8a': Push(Long1()); break;
            case 'X': Push(Text(checked((int)BinaryPrimitives.ReadUInt32LittleEndian(Take(4))))); break;
            case '\x8c': Push(Text(Take(1)[0])); break;
            case '\x8d': Push(Text(checked((int)BinaryPrimitives.ReadUInt64LittleEndian(Take(8))))); break;
            default: return false;
        }

        return true;
    }

    private bool Container(char opcode)
    {
        switch (opcode)
        {
            case '(': Push(s_mark); break;
            case ')': Push(Array.Empty<object?>()); break;
            case '\x85': Push(new[] { Pop() }); break;
            case '\x86': Push(PopMany(2)); break;
            case '\x87': Push(PopMany(3)); break;
            case 't': Push(PopToMark()); break;
            case ']': Push(new List<object?>()); break;
            case 'a': Append([Pop()]); break;
            case 'e': Append(PopToMark()); break;
            case '}': Push(new PickleDictionary()); break;
            case 's': SetItems(PopMany(2)); break;
            case 'u': SetItems(PopToMark()); break;
            default: return false;
        }

        return true;
    }

    private bool Memo(char opcode)
    {
        switch (opcode)
        {
            case 'q': _memo[Take(1)[0]] = Peek(); break;
            case 'r': _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Peek(); break;
            case '\x94': _memo[_memo.Count] = Peek(); break;
            case 'h': Push(_memo[Take(1)[0]]); break;
            case 'j': Push(_memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))]); break;
            default: return false;
        }

        return true;
    }

    private bool Call(char opcode)
    {
        switch (opcode)
        {
            case 'c': // GLOBAL
                Push(Global(Line(), Line()));
                break;
            case '\x93': // STACK_GLOBAL
                var names = PopMany(2);
                Push(Global((string)names[0]!, (string)names[1]!));
                break;
            case 'Q': // BINPERSID: a storage, as torch.save's persistent_id describes it
                Push(Storage((object?[])Pop()!));
                break;
            case 'R': // REDUCE
                var arguments = (object?[])Pop()!;
                Push(Reduce((PickleGlobal)Pop()!, arguments));
                break;
            case 'b': // BUILD: attributes of a dictionary, such as a state dict's _metadata
                Pop();
                if (Peek() is not PickleDictionary)
                    throw new TorchFileException("the pickle sets attributes of something that is no dictionary: refused");
                break;
            default:
                return false;
        }

        return true;
    }

    private static PickleGlobal Global(string module, string name)
    {
        var full = $"{module}.{name}";
        var known = full is "collections.OrderedDict" or "torch._utils._rebuild_tensor_v2" or "torch._utils._rebuild_parameter" || s_storages.ContainsKey(full);
        return known ? new PickleGlobal(full) : throw new TorchFileException($"the pickle refers to {full}, which is not allowed: only tensors and dictionaries are read");
    }

    private static object Reduce(PickleGlobal function, object?[] arguments) => function.Name switch
    {
        "collections.OrderedDict" when arguments.Length == 0 => new PickleDictionary(),
        "torch._utils._rebuild_parameter" => (PickleTensor)arguments[0]!,
        "torch._utils._rebuild_tensor_v2" => new PickleTensor(
            (PickleStorage)arguments[0]!, (long)arguments[1]!, Longs((object?[])arguments[2]!), Longs((object?[])arguments[3]!)),
        _ => throw new TorchFileException($"the pickle calls {function.Name} in a way that files of tensors do not need: refused"),
    };

    // ("storage", type, key, device, number of elements)
    private static PickleStorage Storage(object?[] description) => description is ["storage", PickleGlobal type, string key, string, long count]
        && s_storages.TryGetValue(type.Name, out var dtype) && count >= 0
            ? new PickleStorage(dtype, key, count)
            : throw new TorchFileException("the pickle refers to a storage of an unknown kind");

    private static long[] Longs(object?[] values) => Array.ConvertAll(values, value => (long)value!);

    private void Append(object?[] values) => ((List<object?>)Peek()!).AddRange(values);

    private void SetItems(object?[] values)
    {
        var dictionary = (PickleDictionary)Peek()!;
        for (var i = 0; i < values.Length; i += 2)
            dictionary.Entries.Add(new KeyValuePair<object?, object?>(values[i], values[i + 1]));
    }

    private long Long1()
    {
        var bytes = Take(Take(1)[0]);
        if (bytes.Length > sizeof(long))
            throw new TorchFileException($"the pickle has an integer of {bytes.Length} bytes");
        long value = 0;
        for (var i = 0; i < bytes.Length; i++)
            value |= (long)bytes[i] << (8 * i);
        // Two's complement of that many bytes.
        var unused = 64 - (8 * bytes.Length);
        return bytes.Length is 0 or sizeof(long) ? value : value << unused >> unused;
    }

    private string Line()
    {
        var end = Array.IndexOf(_data, (byte)'\n', _at);
        if (end < 0)
            throw new TorchFileException("the pickle is truncated");
        var text = Encoding.UTF8.GetString(_data, _at, end - _at);
        _at = end + 1;
        return text;
    }

    private string Text(int length) => Encoding.UTF8.GetString(Take(length));

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _data.Length - _at)
            throw new TorchFileException("the pickle is truncated");
        var bytes = _data.AsSpan(_at, count);
        _at += count;
        return bytes;
    }

    private void Push(object? value) => _stack.Add(value);

    private object? Peek() => _stack[^1] == s_mark ? throw new TorchFileException("the pickle is damaged (a mark where a value should be)") : _stack[^1];

    private object? Pop()
    {
        var value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object?[] PopMany(int count)
    {
        var values = new object?[count];
        for (var i = count - 1; i >= 0; i--)
            values[i] = Pop();
        return values;
    }

    private object?[] PopToMark()
    {
        var mark = _stack.LastIndexOf(s_mark);
        if (mark < 0)
            throw new TorchFileException("the pickle is damaged (no mark)");
        var values = _stack.GetRange(mark + 1, _stack.Count - mark - 1).ToArray();
        _stack.RemoveRange(mark, _stack.Count - mark);
        return values;
    }
}
