namespace Sio.Serialization.Pickle;

/// <summary>What numpy pickles of arrays of numbers: <c>_reconstruct</c>, <c>ndarray</c>, <c>dtype</c> and their states (numpy's <c>array_reduce</c> and <c>arraydescr_reduce</c>).</summary>
internal sealed class NumpyVocabulary : PickleVocabulary
{
    internal override string Purpose => "files of arrays";

    internal override string Allowed => "only numpy arrays of numbers, lists, dictionaries and strings are read";

    internal override bool HasBytes => true;

    internal override bool Knows(string name) =>
        name is "numpy.core.multiarray._reconstruct" or "numpy._core.multiarray._reconstruct" or "numpy.ndarray" or "numpy.dtype" or "_codecs.encode";

    internal override object Reduce(string name, object?[] arguments) => name switch
    {
        "numpy.core.multiarray._reconstruct" or "numpy._core.multiarray._reconstruct"
            when arguments is [PickleGlobal { Name: "numpy.ndarray" }, object?[], _] => new PickleArray(),
        "numpy.dtype" when arguments is [var code, _, _] && Text(code) is { } text => new PickleType { Code = text },
        // How Python 3 writes bytes where the protocol has none.
        "_codecs.encode" when arguments is [string text, var encoding] && Text(encoding) is "latin1" or "latin-1" => Latin1((string)arguments[0]!),
        _ => throw Misused(name),
    };

    internal override void Build(object? target, object? state)
    {
        switch (target, state)
        {
            // (version, byte order, subtype, field names, fields, item size, alignment, flags): only plain numbers have neither subtype nor fields.
            case (PickleType type, object?[] { Length: >= 5 } parts) when parts is [long, var order, null, null, null, ..] && Text(order) is { Length: 1 } text:
                type.Order = text[0];
                break;
            // (version, shape, type, column-major, bytes)
            case (PickleArray array, object?[] { Length: 5 } parts) when parts is [long, object?[] shape, PickleType type, bool columns, PickleBytes bytes]:
                array.Fill(Array.ConvertAll(shape, size => size is long length and >= 0 ? length : throw new InvalidCastException("a size is no integer")), type, columns, bytes.Bytes);
                break;
            default:
                throw new InvalidDataException("the pickle gives a state to something that is no array of numbers, or of a kind that is not read: refused");
        }
    }

    internal static string? Text(object? value) => value switch
    {
        string text => text,
        PickleBytes bytes => System.Text.Encoding.Latin1.GetString(bytes.Bytes.Span),
        _ => null,
    };

    private static PickleBytes Latin1(string text) => text.All(c => c <= 0xFF)
        ? new PickleBytes(System.Text.Encoding.Latin1.GetBytes(text))
        : throw new InvalidDataException("the pickle is damaged (bytes above 255)");
}
