using System.Globalization;

namespace Sio.Data;

/// <summary>
/// Reads the few Python literals that a <c>.npy</c> header consists of: a dictionary of strings, booleans and tuples of
/// integers. Anything else is refused; nothing is ever evaluated.
/// </summary>
internal ref struct PythonLiteral(ReadOnlySpan<char> text, string source)
{
    private const int MaxDimensions = 64;
    private readonly ReadOnlySpan<char> _text = text;
    private int _position;

    /// <summary>Takes <paramref name="c"/> if it comes next.</summary>
    public bool TryTake(char c)
    {
        SkipSpace();
        if (_position >= _text.Length || _text[_position] != c)
            return false;
        _position++;
        return true;
    }

    /// <summary>Takes <paramref name="c"/> or fails.</summary>
    public void Take(char c)
    {
        if (!TryTake(c))
            throw Malformed($"'{c}' expected");
    }

    /// <summary>A string in single or double quotes, without escapes.</summary>
    public ReadOnlySpan<char> TakeString()
    {
        SkipSpace();
        var quote = _position < _text.Length ? _text[_position] : '\0';
        if (quote is not ('\'' or '"'))
            throw Malformed("a string expected");
        var rest = _text[(_position + 1)..];
        var length = rest.IndexOf(quote);
        if (length < 0 || rest[..length].Contains('\\'))
            throw Malformed("a plain string expected");
        _position += length + 2;
        return rest[..length];
    }

    /// <summary><c>True</c> or <c>False</c>.</summary>
    public bool TakeBoolean()
    {
        SkipSpace();
        foreach (var word in (ReadOnlySpan<string>)["True", "False"])
        {
            if (_text[_position..].StartsWith(word))
            {
                _position += word.Length;
                return word == "True";
            }
        }

        throw Malformed("True or False expected");
    }

    /// <summary>A tuple of non-negative integers: <c>()</c>, <c>(3,)</c>, <c>(3, 4)</c>.</summary>
    public long[] TakeShape()
    {
        var sizes = new List<long>();
        Take('(');
        while (!TryTake(')'))
        {
            sizes.Add(TakeSize());
            if (sizes.Count > MaxDimensions)
                throw Malformed($"at most {MaxDimensions} dimensions expected");
            // "(3)" is a number in Python, not a tuple.
            if (TryTake(','))
                continue;
            if (sizes.Count == 1)
                throw Malformed("',' expected");
            Take(')');
            break;
        }

        return [.. sizes];
    }

    /// <summary>Nothing but white space may follow.</summary>
    public void TakeEnd()
    {
        SkipSpace();
        if (_position < _text.Length)
            throw Malformed("nothing more expected");
    }

    /// <summary>An error that names the place in the header.</summary>
    public readonly DataException Malformed(string what) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{source}: malformed .npy header, {what} at character {_position}."));

    private long TakeSize()
    {
        SkipSpace();
        var start = _position;
        while (_position < _text.Length && char.IsAsciiDigit(_text[_position]))
            _position++;
        if (!long.TryParse(_text[start.._position], NumberStyles.None, CultureInfo.InvariantCulture, out var size))
            throw Malformed("a dimension from 0 to 2^63 - 1 expected");
        // Python 2 wrote long integers as 3L.
        TryTake('L');
        return size;
    }

    private void SkipSpace()
    {
        while (_position < _text.Length && _text[_position] is (' ' or '\t' or '\n' or '\r'))
            _position++;
    }
}
