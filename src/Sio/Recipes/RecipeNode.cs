namespace Sio.Recipes;

/// <summary>Where a piece of a recipe stands. Kept with each node, as merged recipes come from several files.</summary>
/// <param name="Source">The file, or the override as given.</param>
/// <param name="Line">From 1; 0 where there are no lines.</param>
/// <param name="Column">From 1; 0 where there are no lines.</param>
internal readonly record struct RecipePlace(string Source, long Line = 0, long Column = 0)
{
    public override string ToString() => Line > 0 ? $"{Source}:{Line}:{Column}" : Source;
}

/// <summary>A YAML value that remembers where it was written.</summary>
/// <param name="place">Where it starts.</param>
/// <param name="size">Number of nodes in it, aliases counted as often as they are used.</param>
internal abstract class RecipeNode(RecipePlace place, long size)
{
    public RecipePlace Place { get; } = place;

    public long Size { get; } = size;

    /// <summary>What a message calls it: <c>'fast'</c>, <c>a list</c>.</summary>
    public abstract string Description { get; }
}

internal sealed class RecipeScalar(RecipePlace place, string text, bool plain) : RecipeNode(place, 1)
{
    private const int MostShown = 60;

    public string Text { get; } = text;

    /// <summary>Written without quotes, so that it may be a number, a boolean or null.</summary>
    public bool Plain { get; } = plain;

    public bool IsNull => Plain && Text is "" or "~" or "null" or "Null" or "NULL";

    public override string Description => IsNull ? "empty" : Plain ? $"'{Shown}'" : $"the quoted text '{Shown}'";

    // Files of other kinds hold anything, at any length.
    private string Shown
    {
        get
        {
            var text = string.Concat(Text.Take(MostShown).Select(c => char.IsControl(c) ? '\uFFFD' : c));
            return Text.Length > MostShown ? text + "…" : text;
        }
    }
}

internal sealed class RecipeSequence(RecipePlace place, IReadOnlyList<RecipeNode> items)
    : RecipeNode(place, 1 + items.Sum(item => item.Size))
{
    public IReadOnlyList<RecipeNode> Items { get; } = items;

    public override string Description => "a list";
}

/// <param name="Key">The key as written.</param>
/// <param name="Place">Where the key stands.</param>
/// <param name="Value">What stands behind it.</param>
internal sealed record RecipeEntry(string Key, RecipePlace Place, RecipeNode Value);

internal sealed class RecipeMapping(RecipePlace place, IReadOnlyList<RecipeEntry> entries)
    : RecipeNode(place, 1 + entries.Sum(entry => 1 + entry.Value.Size))
{
    /// <summary>In the order written; no key occurs twice.</summary>
    public IReadOnlyList<RecipeEntry> Entries { get; } = entries;

    public override string Description => "a mapping";

    /// <summary>
    /// These entries with <paramref name="over"/> laid on top: mappings are merged key by key, anything else is replaced.
    /// </summary>
    public RecipeMapping MergedWith(RecipeMapping over)
    {
        var merged = Entries.ToList();
        foreach (var entry in over.Entries)
        {
            var at = merged.FindIndex(e => e.Key == entry.Key);
            if (at < 0)
                merged.Add(entry);
            else if (merged[at].Value is RecipeMapping below && entry.Value is RecipeMapping above)
                merged[at] = entry with { Value = below.MergedWith(above) };
            else
                merged[at] = entry;
        }

        // An override has no line of its own, so that what is missing is missed in the file.
        return new RecipeMapping(over.Place.Line > 0 ? over.Place : Place, merged);
    }
}
