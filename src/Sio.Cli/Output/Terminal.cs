namespace Sio.Cli.Output;

/// <summary>What the terminal can show: whether a line can be rewritten, and what of a line fits.</summary>
internal static class Terminal
{
    private const int Narrowest = 20;

    /// <summary>Whether output goes to a terminal that takes escape codes. <c>TERM=dumb</c> says that it does not.</summary>
    internal static bool CanRewrite => !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not ("dumb" or "");

    /// <summary>Columns that a line may take, the last one left free.</summary>
    private static int Width => Math.Max(Narrowest, Console.BufferWidth) - 1;

    /// <summary>Writes a line over the one before it. Only where <see cref="CanRewrite"/>.</summary>
    internal static void Rewrite(string text) => Console.Write($"\r\u001b[K{Fit(text, Width)}");

    /// <summary>Likewise, of parts.</summary>
    internal static void Rewrite(string what, string bar, params ReadOnlySpan<string> parts) => Console.Write($"\r\u001b[K{Fit(what, bar, parts, Width)}");

    /// <summary>A progress line: what is done, a bar, and figures, the most important ones first. What does not fit is left out whole.</summary>
    internal static string Fit(string what, string bar, ReadOnlySpan<string> parts, int width)
    {
        foreach (var head in new[] { $"{what} {bar} ", $"{bar} ", string.Empty })
        {
            if (parts.Length > 0 && head.Length + parts[0].Length > width)
                continue;
            var line = head + (parts.Length > 0 ? parts[0] : string.Empty);
            for (var i = 1; i < parts.Length && line.Length + 2 + parts[i].Length <= width; i++)
                line += ", " + parts[i];
            return line;
        }

        return Fit(parts[0], width);
    }

    /// <summary>A text, cut between two words where it is too long.</summary>
    internal static string Fit(string text, int width)
    {
        if (text.Length <= width)
            return text;
        var end = text.LastIndexOf(' ', width - 1);
        return text[..(end > 0 ? end : width - 1)] + "…";
    }
}
