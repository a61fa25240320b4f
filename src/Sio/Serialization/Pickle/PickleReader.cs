using Sio.Data;
using System.Buffers.Binary;
using System.Text;

namespace Sio.Serialization.Pickle;

/// <summary>
/// Reads pickles of data (protocol 2 to 5, documented in Python's <c>pickletools</c>). A pickle is a program for a stack machine that may call anything; this machine knows
/// the few opcodes that data need, and the handful of names of a <see cref="PickleVocabulary"/>. Whatever else a file asks for is refused by name: nothing is ever called.
/// </summary>
internal sealed class PickleReader
{
    // Enough for the state of any training, and little enough memory: a file of some kilobytes can ask for as many values as it likes once
    // it is unpacked.
    private const int MaxValues = 4_000_000;

    private const int MaxMarks = 100_000;

    private static readonly object s_mark = new();

    private readonly byte[] _data;
    private readonly PickleVocabulary _vocabulary;
    private readonly List<object?> _stack = [];
    private readonly Dictionary<long, object?> _memo = [];
    private int _at;
    private int _values;
    private int _marks;

    private PickleReader(byte[] data, PickleVocabulary vocabulary) => (_data, _vocabulary) = (data, vocabulary);

    /// <summary>Runs a pickle.</summary>
    /// <param name="data">The pickle.</param>
    /// <param name="vocabulary">What it may refer to.</param>
    /// <returns>null, bool, long, double, string, object?[] (tuple), List of object?, or one of the types beside this one.</returns>
    /// <exception cref="InvalidDataException">The pickle is damaged, or asks for something that is not allowed.</exception>
    internal static object? Read(byte[] data, PickleVocabulary vocabulary)
    {
        try
        {
            return new PickleReader(data, vocabulary).Run();
        }
        catch (Exception error) when (error is ArgumentOutOfRangeException or InvalidCastException or KeyNotFoundException or OverflowException or IndexOutOfRangeException)
        {
            // Damage shows as an opcode that finds too little on the stack, or something of another kind.
            throw new InvalidDataException($"the pickle is damaged ({error.Message})", error);
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
                        throw new InvalidDataException($"the pickle has protocol {protocol}, expected 2 to 5");
                    break;
                case '\x95': // FRAME: how many bytes follow, of no use here
                    Take(8);
                    break;
                case '.': // STOP
                    return Pop();
                default:
                    if (!Constant(opcode) && !Container(opcode) && !Memo(opcode) && !Call(opcode))
                        throw new InvalidDataException($"the pickle has the opcode 0x{(int)opcode:x2} at byte {_at - 1}, which {_vocabulary.Purpose} do not need: refused");
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
            case '\x8a': Push(Long(Take(1)[0])); break;
            case '\x8b' when _vocabulary.HasOpaque: Push(Long(BinaryPrimitives.ReadInt32LittleEndian(Take(4)))); break;
            case 'X': Push(Text(checked((int)BinaryPrimitives.ReadUInt32LittleEndian(Take(4))))); break;
            case '\x8c': Push(Text(Take(1)[0])); break;
            case '\x8d': Push(Text(checked((int)BinaryPrimitives.ReadUInt64LittleEndian(Take(8))))); break;
            case 'U' when _vocabulary.HasBytes: Push(String(Take(1)[0])); break; // Python 2's strings: text or bytes, nobody knows
            case 'C' when _vocabulary.HasBytes: Push(Bytes(Take(1)[0])); break;
            case 'T' when _vocabulary.HasBytes: Push(String(BinaryPrimitives.ReadInt32LittleEndian(Take(4)))); break;
            case 'B' when _vocabulary.HasBytes: Push(Bytes(checked((int)BinaryPrimitives.ReadUInt32LittleEndian(Take(4))))); break;
            case '\x8e' when _vocabulary.HasBytes: Push(Bytes(checked((int)BinaryPrimitives.ReadUInt64LittleEndian(Take(8))))); break;
            case '\x96' when _vocabulary.HasOpaque: Push(Bytes(checked((int)BinaryPrimitives.ReadUInt64LittleEndian(Take(8))))); break; // a bytearray
            default: return false;
        }

        return true;
    }

    private bool Container(char opcode)
    {
        switch (opcode)
        {
            case '(':
                if (++_marks > MaxMarks)
                    throw new InvalidDataException($"the pickle has more than {MaxMarks} open marks: rejected");
                Push(s_mark);
                break;
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
            case 'l' when _vocabulary.HasOpaque: Push(PopToMark().ToList()); break;
            case 'd' when _vocabulary.HasOpaque:
                var items = PopToMark();
                Push(new PickleDictionary());
                SetItems(items);
                break;
            case '\x8f' when _vocabulary.HasOpaque: Push(new PickleOpaque("set")); break;
            case '\x90' when _vocabulary.HasOpaque: // ADDITEMS
                PopToMark();
                Pickled.As<PickleOpaque>(Peek());
                break;
            case '\x91' when _vocabulary.HasOpaque: // FROZENSET
                PopToMark();
                Push(new PickleOpaque("frozenset"));
                break;
            case '0' when _vocabulary.HasOpaque: Pop(); break;
            case '1' when _vocabulary.HasOpaque: PopToMark(); break;
            case '2' when _vocabulary.HasOpaque: Push(Peek()); break;
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
                Push(Global(Pickled.As<string>(names[0]), Pickled.As<string>(names[1])));
                break;
            case 'Q': // BINPERSID: a storage, as torch.save's persistent_id describes it
                Push(_vocabulary.Persistent(Pickled.As<object?[]>(Pop())));
                break;
            case 'R': // REDUCE
            case '\x81' when _vocabulary.HasOpaque: // NEWOBJ: a class and arguments
                var arguments = Pickled.As<object?[]>(Pop());
                Push(Made(Pop(), arguments));
                break;
            case '\x92' when _vocabulary.HasOpaque: // NEWOBJ_EX: a class, arguments, and arguments by name
                Pop();
                var positional = Pickled.As<object?[]>(Pop());
                Push(Made(Pop(), positional));
                break;
            case 'b': // BUILD
                var state = Pop();
                _vocabulary.Build(Peek(), state);
                break;
            default:
                return false;
        }

        return true;
    }

    private PickleGlobal Global(string module, string name)
    {
        var full = $"{module}.{name}";
        return _vocabulary.Knows(full) || (_vocabulary.HasOpaque && !Runs(full)) ? new PickleGlobal(full) : throw new InvalidDataException($"the pickle refers to {DataFile.WithoutControls(full)}, which is not allowed: {_vocabulary.Allowed}");
    }

    // Names of what runs programs or code stand in no file of weights. They would not be called either, but whoever wrote one meant harm,
    // and the user should know.
    private static bool Runs(string name)
    {
        var (module, function) = (name[..name.IndexOf('.', StringComparison.Ordinal)], name[(name.LastIndexOf('.') + 1)..]);
        return module is "os" or "posix" or "nt" or "subprocess" or "sys" or "pty" or "runpy" or "commands" or "popen2" or "shutil" or "socket" or "webbrowser" or "importlib" or "code" or "ctypes"
            || (module is "builtins" or "__builtin__" && function is "eval" or "exec" or "execfile" or "compile" or "__import__" or "open" or "breakpoint" or "input");
    }

    // What an unknown thing makes is unknown, too.
    private object Made(object? maker, object?[] arguments) => maker switch
    {
        PickleGlobal known => _vocabulary.Reduce(known.Name, arguments),
        PickleOpaque opaque when _vocabulary.HasOpaque => opaque,
        _ => throw new InvalidCastException("something is called that is no name"),
    };

    private void Append(object?[] values)
    {
        if (Peek() is not PickleOpaque)
            Pickled.As<List<object?>>(Peek()).AddRange(values);
    }

    private void SetItems(object?[] values)
    {
        if (Peek() is PickleOpaque)
            return;
        var dictionary = Pickled.As<PickleDictionary>(Peek());
        for (var i = 0; i < values.Length; i += 2)
            dictionary.Entries.Add(new KeyValuePair<object?, object?>(values[i], values[i + 1]));
    }

    private object Long(int length)
    {
        var bytes = Take(length);
        if (bytes.Length > sizeof(long) && _vocabulary.HasOpaque)
            return new PickleOpaque("int");
        if (bytes.Length > sizeof(long))
            throw new InvalidDataException($"the pickle has an integer of {bytes.Length} bytes");
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
            throw new InvalidDataException("the pickle is truncated");
        var text = Encoding.UTF8.GetString(_data, _at, end - _at);
        _at = end + 1;
        return text;
    }

    private PickleBytes Bytes(int length)
    {
        var start = _at;
        Take(length);
        return new PickleBytes(_data.AsMemory(start, length));
    }

    // Names of tensors are such strings in files of Python 2.
    private object String(int length) => _vocabulary.HasOpaque ? Text(length) : Bytes(length);

    private string Text(int length) => Encoding.UTF8.GetString(Take(length));

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _data.Length - _at)
            throw new InvalidDataException("the pickle is truncated");
        var bytes = _data.AsSpan(_at, count);
        _at += count;
        return bytes;
    }

    private void Push(object? value)
    {
        if (++_values > MaxValues)
            throw new InvalidDataException($"the pickle makes more than {MaxValues} values: rejected");
        _stack.Add(value);
    }

    private object? Peek() => _stack[^1] == s_mark ? throw new InvalidDataException("the pickle is damaged (a mark where a value should be)") : _stack[^1];

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
            throw new InvalidDataException("the pickle is damaged (no mark)");
        var values = _stack.GetRange(mark + 1, _stack.Count - mark - 1).ToArray();
        _stack.RemoveRange(mark, _stack.Count - mark);
        _marks--;
        return values;
    }
}
