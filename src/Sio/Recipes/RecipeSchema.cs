using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Sio.Recipes;

/// <summary>One key of a recipe, for help and documentation.</summary>
/// <param name="Path">Dotted path; <c>[]</c> stands for a list's items, <c>&lt;name&gt;</c> for a dictionary's.</param>
/// <param name="Type">What may stand there, in words.</param>
/// <param name="Default">The default as YAML, or null where the key is required or has keys of its own.</param>
/// <param name="Range">The values allowed (<c>lie in [0, 1]</c>), or null when any is.</param>
/// <param name="Description">What the key does, or null.</param>
/// <param name="Required">Whether a recipe must name it.</param>
public sealed record RecipeKey(string Path, string Type, string? Default, string? Range, string? Description, bool Required);

/// <summary>What keys a recipe record has. Keys are the snake_case names of its settable public properties, unless <see cref="KeyNameAttribute"/> says another.</summary>
public static class RecipeSchema
{
    private static readonly ConcurrentDictionary<Type, RecipeProperty[]> Known = new();

    /// <summary>All keys of a recipe, nested ones under dotted paths, in declaration order.</summary>
    /// <typeparam name="T">A record with init properties and a constructor without parameters.</typeparam>
    /// <exception cref="InvalidOperationException">A property has a type that recipes cannot hold.</exception>
    public static IReadOnlyList<RecipeKey> Describe<T>()
        where T : class => Describe(typeof(T));

    /// <summary>All keys of a type, as <see cref="Describe{T}"/> gives them.</summary>
    /// <param name="type">A record or class with init properties and a constructor without parameters.</param>
    /// <exception cref="InvalidOperationException">A property has a type that recipes cannot hold.</exception>
    public static IReadOnlyList<RecipeKey> Describe(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        var keys = new List<RecipeKey>();
        Describe(type, Activator.CreateInstance(type)!, "", [], keys);
        return keys;
    }

    /// <summary><c>WeightDecay</c> as <c>weight_decay</c>.</summary>
    /// <param name="name">A property's or an enumeration value's name.</param>
    public static string KeyName(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    /// <summary>The properties of a record that are keys, those of base records first, in declaration order.</summary>
    internal static RecipeProperty[] Of(Type record) => Known.GetOrAdd(record, static type =>
    [
        .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.SetMethod is { IsPublic: true } && p.GetIndexParameters().Length == 0)
            .OrderBy(p => Depth(p.DeclaringType!))
            .ThenBy(p => p.MetadataToken)
            .Select(p => new RecipeProperty(p)),
    ]);

    /// <summary>Dotted paths of all keys with this name, in nested records too.</summary>
    internal static IEnumerable<string> PathsOf(string name, Type record, string path = "", int depth = 0)
    {
        // Deeper than any recipe goes: the bound is for records that hold themselves.
        if (depth > 6)
            yield break;

        foreach (var property in Of(record))
        {
            if (property.Key == name)
                yield return path + name;
            if (property.Type.Kind != RecipeKind.Record)
                continue;
            foreach (var inner in PathsOf(name, property.Type.ClrType, $"{path}{property.Key}.", depth + 1))
                yield return inner;
        }
    }

    private static void Describe(Type record, object? defaults, string path, HashSet<Type> around, List<RecipeKey> keys)
    {
        if (!around.Add(record))
            return; // a record that holds itself is listed once

        foreach (var property in Of(record))
        {
            var value = defaults is null ? null : property.Info.GetValue(defaults);
            var (inner, innerPath) = (property.Type, path + property.Key);
            while (inner.Kind is RecipeKind.List or RecipeKind.Dictionary && HoldsRecords(inner))
            {
                innerPath += inner.Kind == RecipeKind.List ? "[]" : ".<name>";
                inner = inner.Element!;
            }

            var nested = inner.Kind == RecipeKind.Record;
            keys.Add(new RecipeKey(
                path + property.Key,
                property.Type.Name,
                property.Required || nested ? null : RecipeWriter.Inline(value),
                property.Range?.ToString(),
                property.Description,
                property.Required));
            if (nested)
            {
                var innerDefaults = inner == property.Type && value is not null ? value : Activator.CreateInstance(inner.ClrType);
                Describe(inner.ClrType, innerDefaults, innerPath + ".", around, keys);
            }
        }

        around.Remove(record);
    }

    private static bool HoldsRecords(RecipeType type) =>
        type.Element is { } element && (element.Kind == RecipeKind.Record || HoldsRecords(element));

    private static int Depth(Type type) => type.BaseType is { } parent ? 1 + Depth(parent) : 0;
}

/// <summary>A property that is a key, with what its attributes say.</summary>
internal sealed class RecipeProperty(PropertyInfo property)
{
    public PropertyInfo Info { get; } = property;

    public string Key { get; } = property.GetCustomAttribute<KeyNameAttribute>()?.Name ?? RecipeSchema.KeyName(property.Name);

    public RecipeType Type { get; } = RecipeType.Of(property);

    public bool Required { get; } =
        property.IsDefined(typeof(RequiredMemberAttribute)) || property.IsDefined(typeof(RequiredAttribute));

    public RecipeRange? Range { get; } =
        property.GetCustomAttribute<RangeAttribute>() is { } range ? new RecipeRange(range) : null;

    public string? Description { get; } = property.GetCustomAttribute<DescribeAttribute>()?.Text;
}
