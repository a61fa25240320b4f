using System.Text;
using System.Text.RegularExpressions;

namespace Sio.Fuzz.Mutation;

/// <summary>A mutator of text. The text is of bytes, one a character, so that files that are no UTF-8 pass through it too.</summary>
internal abstract class TextMutator : Mutator
{
    internal sealed override byte[] Mutate(byte[] input, Draw draw) => Encoding.Latin1.GetBytes(Change(Encoding.Latin1.GetString(input), draw));

    private protected abstract string Change(string text, Draw draw);

    /// <summary>Text to be put in, in UTF-8.</summary>
    private protected static string Utf8(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}

/// <summary>A bracket, quote or colon too many or too few.</summary>
internal sealed class Brackets : TextMutator
{
    private const string Marks = "[]{}()\"':,-#|>&*!%\n";

    private protected override string Change(string text, Draw draw)
    {
        var places = Enumerable.Range(0, text.Length).Where(i => Marks.Contains(text[i], StringComparison.Ordinal)).ToArray();
        if (places.Length > 0 && draw.Chance(2))
            return text.Remove(draw.Pick(places), 1);
        var at = places.Length > 0 && draw.Chance(2) ? draw.Pick(places) : draw.Int(text.Length + 1);
        return text.Insert(at, Marks[draw.Int(Marks.Length)].ToString());
    }
}

/// <summary>A line twice, left out, elsewhere, joined with the next, or further to the right or left.</summary>
internal sealed class Lines : TextMutator
{
    private protected override string Change(string text, Draw draw)
    {
        var lines = text.Split('\n').ToList();
        var at = draw.Int(lines.Count);
        switch (draw.Int(7))
        {
            case 0: lines.Insert(draw.Int(lines.Count), lines[at]); break;
            case 1: lines.Insert(at, lines[at]); break;
            case 2: lines.RemoveAt(at); break;
            case 3: lines[at] = "  " + lines[at]; break;
            case 4: lines[at] = lines[at].TrimStart(' '); break;
            case 5: lines[at] = "\t" + lines[at]; break;
            default: lines[at] += "\r"; break;
        }

        return string.Join('\n', lines);
    }
}

/// <summary>Another number in the place of one.</summary>
internal sealed partial class NumberValues : TextMutator
{
    private protected override string Change(string text, Draw draw)
    {
        var numbers = Number().Matches(text);
        if (numbers.Count == 0)
            return text;
        var old = numbers[draw.Int(numbers.Count)];
        return string.Concat(text.AsSpan(0, old.Index), Utf8(draw.Pick(Values.Numbers)), text.AsSpan(old.Index + old.Length));
    }

    [GeneratedRegex(@"-?\d+(\.\d*)?([eE][-+]?\d+)?")]
    private static partial Regex Number();
}

/// <summary>A word that means something in the place of another, or one that is there elsewhere.</summary>
internal sealed partial class Words : TextMutator
{
    private protected override string Change(string text, Draw draw)
    {
        var words = Word().Matches(text);
        if (words.Count == 0)
            return Utf8(draw.Pick(Values.Words));
        var old = words[draw.Int(words.Count)];
        var other = draw.Chance(3) ? words[draw.Int(words.Count)].Value : Utf8(draw.Pick(Values.Words));
        return string.Concat(text.AsSpan(0, old.Index), other, text.AsSpan(old.Index + old.Length));
    }

    [GeneratedRegex(@"[^\s:,\[\]{}""']+")]
    private static partial Regex Word();
}

/// <summary>Characters of other scripts, of control, and bytes that are none at all.</summary>
internal sealed class OddCharacters : TextMutator
{
    private protected override string Change(string text, Draw draw)
    {
        var odd = draw.Int(4) switch
        {
            0 => Encoding.Latin1.GetString(draw.Pick(Values.NoUtf8)),
            1 => draw.Pick(["\\u0000", "\\ud800", "\\uD800\\uDC00", "\\udc00\\ud800", "\\x00", "\\u001b[2J"]),
            2 => string.Concat(Enumerable.Repeat(Utf8(draw.Pick(Values.Characters)), 1 + draw.Int(100))),
            _ => Utf8(draw.Pick(Values.Characters)),
        };
        return text.Insert(draw.Int(text.Length + 1), odd);
    }
}

/// <summary>Brackets within brackets, closed or not, or a list within a list by indentation.</summary>
internal sealed class DeepNesting : TextMutator
{
    private protected override string Change(string text, Draw draw)
    {
        var depth = draw.Pick([10, 40, 100, 1000, 5000]);
        var (open, close) = draw.Pick([("[", "]"), ("{\"a\":", "}"), ("{a: ", "}"), ("- ", string.Empty), ("(", ")"), ("? ", string.Empty), ("!x ", string.Empty)]);
        var nested = string.Concat(Enumerable.Repeat(open, depth)) + "1" + (draw.Chance(2) ? string.Concat(Enumerable.Repeat(close, depth)) : string.Empty);
        var colon = text.IndexOf(": ", draw.Int(text.Length + 1), StringComparison.Ordinal);
        return text.Insert(colon < 0 || draw.Chance(3) ? draw.Int(text.Length + 1) : colon + 2, nested);
    }
}
