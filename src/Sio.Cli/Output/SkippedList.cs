namespace Sio.Cli.Output;

/// <summary>Prints which detectors did not run, and why.</summary>
internal static class SkippedList
{
    internal static void Print(IReadOnlyDictionary<string, string>? skipped)
    {
        if (skipped is not { Count: > 0 })
            return;
        Console.WriteLine("Skipped:");
        var width = skipped.Keys.Max(name => name.Length);
        foreach (var (name, reason) in skipped.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            HangingText.Print($"  {name.PadRight(width)}  ", reason);
    }
}
