namespace Sio.Fuzz.Mutation;

/// <summary>The value of one key of a YAML text: another one, none, or that of another key.</summary>
internal sealed class YamlValues : TextMutator
{
    private protected override string Change(string text, Draw draw)
    {
        var lines = text.Split('\n');
        var keys = Enumerable.Range(0, lines.Length).Where(i => Colon(lines[i]) > 0 && !lines[i].TrimStart().StartsWith('#')).ToArray();
        if (keys.Length == 0)
            return text;
        var line = lines[draw.Pick(keys)];
        var at = Array.IndexOf(lines, line);
        var other = lines[draw.Pick(keys)];
        lines[at] = draw.Int(7) switch
        {
            0 => line[..Colon(line)] + ":",
            1 => line[..Colon(line)] + other[Colon(other)..],
            2 => other[..Colon(other)] + line[Colon(line)..],
            3 => line[..Colon(line)] + ": " + Utf8(draw.Pick(Values.Words)),
            4 => line[..Colon(line)] + ": [" + Utf8(draw.Pick(Values.Numbers)) + ", " + Utf8(draw.Pick(Values.Words)) + "]",
            _ => line[..Colon(line)] + ": " + Utf8(draw.Pick(Values.Numbers)),
        };
        return string.Join('\n', lines);
    }

    private static int Colon(string line) => line.IndexOf(':', StringComparison.Ordinal);
}
