using System.Collections;
using System.Reflection;
using System.Text;

namespace Sio.Recipes;

/// <summary>
/// Writes a recipe with every key and its value, in declaration order, each under what it does, so that a resolved recipe
/// explains itself. <see cref="RecipeReader"/> reads the text back to an equal record.
/// </summary>
public static class RecipeWriter
{
    private const int Indent = 2;

    /// <summary>Writes a recipe as YAML.</summary>
    /// <param name="recipe">A record as <see cref="RecipeReader"/> describes it.</param>
    /// <param name="comments">Whether descriptions, ranges and choices stand above their keys.</param>
    /// <returns>YAML text that ends in a newline. Numbers are written so that they read back to the same bits.</returns>
    /// <exception cref="ArgumentException">A text holds half a surrogate pair, or a value is no single one where it must be.</exception>
    /// <exception cref="InvalidOperationException">The record has a property that recipes cannot hold.</exception>
    public static string Write(object recipe, bool comments = true)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var text = new StringBuilder();
        if (comments && recipe.GetType().GetCustomAttribute<DescribeAttribute>() is { } about)
        {
            WriteComment(text, about.Text, 0);
            text.Append('\n');
        }

        WriteRecord(text, recipe, 0, comments);
        return text.Length > 0 ? text.ToString() : "{}\n";
    }

    /// <summary>A value on one line: a scalar, <c>[a, b]</c> or <c>{a: 1}</c>.</summary>
    internal static string Inline(object? value) => value switch
    {
        null or string => RecipeScalars.Write(value),
        IDictionary pairs => "{" + string.Join(", ", Entries(pairs).Select(e => $"{RecipeScalars.Write(e.Key)}: {Inline(e.Value)}")) + "}",
        IEnumerable items => "[" + string.Join(", ", items.Cast<object?>().Select(Inline)) + "]",
        _ => RecipeScalars.Write(value),
    };

    private static void WriteRecord(StringBuilder text, object record, int indent, bool comments)
    {
        foreach (var property in RecipeSchema.Of(record.GetType()))
        {
            if (comments)
                WriteComment(text, Explain(property), indent);
            text.Append(' ', indent).Append(property.Key).Append(':');
            WriteValue(text, property.Info.GetValue(record), indent, comments);
        }
    }

    /// <summary>Writes what follows a key's colon: a line's rest, or a block that is indented further.</summary>
    private static void WriteValue(StringBuilder text, object? value, int indent, bool comments)
    {
        var inner = indent + Indent;
        if (value is IDictionary { Count: > 0 } pairs)
        {
            text.Append('\n');
            foreach (var (key, item) in Entries(pairs))
            {
                text.Append(' ', inner).Append(RecipeScalars.Write(key)).Append(':');
                WriteValue(text, item, inner, comments);
            }
        }
        else if (value is IEnumerable items and not string && items.Cast<object?>().Any(item => IsBlock(item)))
        {
            text.Append('\n');
            foreach (var item in items)
            {
                text.Append(' ', inner).Append('-');
                WriteValue(text, item, inner, comments);
                comments = false; // what the first item's comments say holds for the rest
            }
        }
        else if (value is not null && IsRecord(value) && RecipeSchema.Of(value.GetType()).Length > 0)
        {
            text.Append('\n');
            WriteRecord(text, value, inner, comments);
        }
        else
        {
            text.Append(' ').Append(value is not null && IsRecord(value) ? "{}" : Inline(value)).Append('\n');
        }
    }

    private static bool IsBlock(object? item) =>
        item is not null
        && (IsRecord(item) || item is IDictionary { Count: > 0 } || (item is IEnumerable inner and not string && inner.Cast<object?>().Any(IsBlock)));

    private static bool IsRecord(object value) =>
        value is not (string or IEnumerable or Enum) && !value.GetType().IsPrimitive;

    private static IEnumerable<(string Key, object? Value)> Entries(IDictionary pairs)
    {
        foreach (DictionaryEntry entry in pairs)
            yield return ((string)entry.Key, entry.Value);
    }

    private static string? Explain(RecipeProperty property)
    {
        if (property.Description is not { } about)
            return null;
        if (property.Range is { } range)
            about += $" Must {range}.";
        if (property.Type.Kind == RecipeKind.Enumeration)
            about += $" {char.ToUpperInvariant(property.Type.Name[0])}{property.Type.Name[1..]}.";
        return about;
    }

    private static void WriteComment(StringBuilder text, string? comment, int indent)
    {
        foreach (var line in comment?.ReplaceLineEndings("\n").Split('\n') ?? [])
            text.Append(' ', indent).Append("# ").Append(line).Append('\n');
    }
}
