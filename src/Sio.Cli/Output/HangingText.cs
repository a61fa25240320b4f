namespace Sio.Cli.Output;

/// <summary>Prints lines of a list, such that what does not fit goes on below the text's beginning. Elsewhere than on a terminal each stays one line, for other programs to read.</summary>
internal static class HangingText
{
    private const int LeastText = 20;

    /// <summary>Prints an entry.</summary>
    /// <param name="head">What stands before the text, as wide as all later lines are indented.</param>
    /// <param name="text">The text.</param>
    internal static void Print(string head, string text)
    {
        foreach (var line in Lines(head, text, Console.IsOutputRedirected ? int.MaxValue : Console.BufferWidth - 1))
            Console.WriteLine(line);
    }

    /// <summary>The lines of an entry, none wider than <paramref name="width"/> unless a word is.</summary>
    internal static IEnumerable<string> Lines(string head, string text, int width)
    {
        var room = Math.Max(LeastText, width - head.Length);
        var line = string.Empty;
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > room)
            {
                yield return head + line;
                (head, line) = (new string(' ', head.Length), word);
            }
            else
            {
                line = line.Length == 0 ? word : $"{line} {word}";
            }
        }

        yield return head + line;
    }
}
