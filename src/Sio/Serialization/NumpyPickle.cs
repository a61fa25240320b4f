using Sio.Serialization.Pickle;

namespace Sio.Serialization;

/// <summary>An array that a pickle holds, as it stands there.</summary>
/// <param name="Type">numpy's type with its byte order: <c>|u1</c>, <c>&lt;i8</c>, <c>&lt;f4</c>, …</param>
/// <param name="Shape">The sizes.</param>
/// <param name="ColumnMajor">Whether the first index runs fastest.</param>
/// <param name="Bytes">The elements; a part of the pickle's own bytes.</param>
public sealed record PickledArray(string Type, IReadOnlyList<long> Shape, bool ColumnMajor, ReadOnlyMemory<byte> Bytes);

/// <summary>
/// A pickled dictionary of numpy arrays, lists, numbers and strings, such as the batches of CIFAR's Python version, of Python 2 or 3. Nothing in it is ever executed: what it
/// asks for beyond these is refused by name.
/// </summary>
public sealed class NumpyPickle
{
    private readonly Dictionary<string, object?> _values = new(StringComparer.Ordinal);

    private NumpyPickle(PickleDictionary dictionary)
    {
        foreach (var (key, value) in dictionary.Entries)
            _values[NumpyVocabulary.Text(key) ?? throw new InvalidDataException("the pickled dictionary has a key that is no text")] = value;
    }

    /// <summary>The dictionary's keys.</summary>
    public IReadOnlyCollection<string> Keys => _values.Keys;

    /// <summary>Reads a dictionary.</summary>
    /// <param name="pickle">The pickle; arrays refer to it, and it must not be changed.</param>
    /// <exception cref="InvalidDataException">It is damaged, is no dictionary, or asks for something that is not allowed.</exception>
    public static NumpyPickle Read(byte[] pickle)
    {
        ArgumentNullException.ThrowIfNull(pickle);
        return PickleReader.Read(pickle, new NumpyVocabulary()) is PickleDictionary dictionary
            ? new NumpyPickle(dictionary)
            : throw new InvalidDataException("the pickle holds no dictionary");
    }

    /// <summary>An array.</summary>
    /// <param name="key">Its key.</param>
    /// <exception cref="InvalidDataException">There is none under this key, or its bytes do not fit its shape.</exception>
    public PickledArray Array(string key)
    {
        if (_values.GetValueOrDefault(key) is not PickleArray { Type: { } type } array)
            throw new InvalidDataException($"the pickle has no array '{key}'");
        if (type.Code.Length < 2 || !int.TryParse(type.Code.AsSpan(1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var size)
            || !"biuf".Contains(type.Code[0], StringComparison.Ordinal))
            throw new InvalidDataException($"the array '{key}' has elements of the type '{type.Code}', which are no numbers");
        var elements = array.Shape.Aggregate((Int128)1, (product, length) => product * length);
        return elements * size == array.Bytes.Length
            ? new PickledArray(type.Order + type.Code, array.Shape, array.ColumnMajor, array.Bytes)
            : throw new InvalidDataException($"the array '{key}' has {array.Bytes.Length} bytes, which do not fit its shape");
    }

    /// <summary>A list of integers.</summary>
    /// <param name="key">Its key.</param>
    /// <exception cref="InvalidDataException">There is none under this key.</exception>
    public long[] Integers(string key) => _values.GetValueOrDefault(key) is List<object?> list && list.All(item => item is long)
        ? [.. list.Select(item => (long)item!)]
        : throw new InvalidDataException($"the pickle has no list of integers '{key}'");
}
