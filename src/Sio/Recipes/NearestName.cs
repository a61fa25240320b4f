namespace Sio.Recipes;

/// <summary>Finds the name that a mistyped one was probably meant to be.</summary>
public static class NearestName
{
    // A shared beginning of at least this length makes "learning" near to "learning_rate".
    private const int ShortestPrefix = 3;

    /// <summary>
    /// The known name with the smallest Damerau-Levenshtein distance, where that is at most a third of the name's length
    /// (and at least 1); case and hyphens for underscores do not count. A name that continues the given one is near, too.
    /// </summary>
    /// <param name="name">The name as typed.</param>
    /// <param name="known">Names to choose from; of equally near ones the first wins.</param>
    /// <returns>The nearest name, or null when none is near.</returns>
    public static string? Find(string name, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(known);

        var typed = Fold(name);
        string? best = null;

        // One letter replaced by another has nothing left of the name.
        var least = Math.Min(Math.Max(1, typed.Length / 3), typed.Length - 1) + 1;
        foreach (var candidate in known)
        {
            var folded = Fold(candidate);
            var continues = typed.Length >= ShortestPrefix && folded.StartsWith(typed, StringComparison.Ordinal);
            var distance = Distance(typed, folded);
            if (continues)
                distance = Math.Min(distance, 1);
            if (distance < least)
                (best, least) = (candidate, distance);
        }

        return best;
    }

    /// <summary>
    /// Damerau-Levenshtein distance (its restricted form): the least number of insertions, deletions, replacements and
    /// swaps of neighbours that turns one text into the other, no part being edited twice.
    /// </summary>
    /// <param name="a">One text.</param>
    /// <param name="b">The other.</param>
    /// <returns>0 for equal texts, at most the longer length.</returns>
    public static int Distance(string a, string b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);

        // Three rows of the table are enough: a swap looks two back.
        int[] twoBack = new int[b.Length + 1], last = [.. Enumerable.Range(0, b.Length + 1)], row = new int[b.Length + 1];
        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                row[j] = Math.Min(replaced, Math.Min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    row[j] = Math.Min(row[j], twoBack[j - 2] + 1);
            }

            (twoBack, last, row) = (last, row, twoBack);
        }

        return last[b.Length];
    }

    private static string Fold(string name) => name.Replace('-', '_').ToLowerInvariant();
}
