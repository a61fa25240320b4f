using System.Collections;
using System.Reflection;

namespace Sio.Recipes;

/// <summary>Makes typed records of YAML nodes. Every fault names its place, the key's dotted path, and what was expected.</summary>
/// <param name="root">The type of the whole recipe, where keys that stand in the wrong mapping are looked for.</param>
internal sealed class RecipeBinder(Type root)
{
    private static readonly MethodInfo CloneMethod =
        typeof(object).GetMethod(nameof(MemberwiseClone), BindingFlags.Instance | BindingFlags.NonPublic)!;

    /// <summary>The record that a mapping describes; keys that it does not name keep their defaults.</summary>
    public object Record(RecipeMapping mapping, Type type) => Record(mapping, type, "", null);

    private object Record(RecipeMapping mapping, Type type, string path, object? defaults)
    {
        // A nested record starts from what its owner has there by default, not from its own type's defaults. That
        // object may be shared, so a copy is filled.
        var record = defaults is null ? Activator.CreateInstance(type)! : CloneMethod.Invoke(defaults, null)!;
        var properties = RecipeSchema.Of(type);
        foreach (var entry in mapping.Entries)
        {
            var property = Array.Find(properties, p => p.Key == entry.Key) ?? throw Unknown(entry, properties, path);
            var key = path + property.Key;
            var value = Value(entry.Value, property.Type, key, property.Range, property.Info.GetValue(record));
            try
            {
                property.Info.SetValue(record, value);
            }
            catch (TargetInvocationException e) when (e.InnerException is ArgumentException refused)
            {
                var reason = refused.Message.ReplaceLineEndings(" ");
                throw new RecipeException(entry.Value.Place, $"'{key}' was refused: {reason}", key, refused);
            }
        }

        // A default that comes from the owner already has its required keys.
        if (defaults is null)
        {
            foreach (var missing in properties.Where(p => p.Required && mapping.Entries.All(e => e.Key != p.Key)))
                throw new RecipeException(mapping.Place, $"missing required key '{path}{missing.Key}'", path + missing.Key);
        }

        return record;
    }

    private object? Value(RecipeNode node, RecipeType type, string key, RecipeRange? range, object? defaults)
    {
        if (node is RecipeScalar { IsNull: true })
        {
            return type.Nullable
                ? null
                : throw new RecipeException(node.Place, $"'{key}' has no value; it must be {type.Name}", key);
        }

        return (type.Kind, node) switch
        {
            (RecipeKind.Record, RecipeMapping mapping) => Record(mapping, type.ClrType, key + ".", defaults),
            (RecipeKind.List, RecipeSequence list) => List(list, type, key, range),
            (RecipeKind.Dictionary, RecipeMapping mapping) => Dictionary(mapping, type, key, range),
            (RecipeKind.Record or RecipeKind.List or RecipeKind.Dictionary, _) => throw Wrong(node, type, key),
            (_, RecipeScalar scalar) => InRange(Scalar(scalar, type, key), scalar, key, range),
            _ => throw Wrong(node, type, key),
        };
    }

    private object List(RecipeSequence list, RecipeType type, string key, RecipeRange? range)
    {
        var element = type.Element!;
        var items = Array.CreateInstance(Stored(element), list.Items.Count);
        for (var i = 0; i < items.Length; i++)
            items.SetValue(Value(list.Items[i], element, $"{key}[{i}]", range, null), i);

        return type.ClrType.IsArray
            ? items
            : Activator.CreateInstance(typeof(List<>).MakeGenericType(Stored(element)), items)!;
    }

    private object Dictionary(RecipeMapping mapping, RecipeType type, string key, RecipeRange? range)
    {
        var element = type.Element!;
        var values = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), Stored(element)))!;
        foreach (var entry in mapping.Entries)
            values.Add(entry.Key, Value(entry.Value, element, $"{key}.{entry.Key}", range, null));
        return values;
    }

    private static Type Stored(RecipeType element) =>
        element.Nullable && element.ClrType.IsValueType ? typeof(Nullable<>).MakeGenericType(element.ClrType) : element.ClrType;

    private static object? Scalar(RecipeScalar scalar, RecipeType type, string key) => type.Kind switch
    {
        RecipeKind.Text => scalar.Text,
        RecipeKind.AnyScalar => RecipeScalars.Any(scalar),
        RecipeKind.Boolean => RecipeScalars.Boolean(scalar) ?? throw Wrong(scalar, type, key),
        RecipeKind.Int32 => (int)Whole(scalar, type, key, int.MinValue, int.MaxValue),
        RecipeKind.Int64 => Whole(scalar, type, key, long.MinValue, long.MaxValue),
        RecipeKind.Enumeration => EnumValue(scalar, type, key),
        _ => Number(scalar, type, key),
    };

    private static long Whole(RecipeScalar scalar, RecipeType type, string key, long least, long most)
    {
        if (!RecipeScalars.IsWhole(scalar))
            throw Wrong(scalar, type, key);

        return RecipeScalars.Whole(scalar) is { } value && value >= least && value <= most
            ? value
            : throw new RecipeException(scalar.Place, $"'{key}' must be a whole number from {least} to {most}, but is '{scalar.Text}'", key);
    }

    private static object Number(RecipeScalar scalar, RecipeType type, string key)
    {
        if (!RecipeScalars.IsNumber(scalar))
            throw Wrong(scalar, type, key);

        // The cast keeps the two types apart: without it the float would become a double.
        object value = type.Kind == RecipeKind.Single ? (object)RecipeScalars.Single(scalar) : RecipeScalars.Double(scalar);
        var overflowed = double.IsInfinity(value as float? ?? (double)value) && !RecipeScalars.IsSpecial(scalar);
        return overflowed
            ? throw new RecipeException(scalar.Place, $"'{key}' is too large a number: '{scalar.Text}'", key)
            : value;
    }

    private static object EnumValue(RecipeScalar scalar, RecipeType type, string key)
    {
        var names = type.EnumNames().ToArray();
        var at = Array.IndexOf(names, scalar.Text);
        if (at >= 0)
            return Enum.Parse(type.ClrType, Enum.GetNames(type.ClrType)[at]);

        var nearest = NearestName.Find(scalar.Text, names) is { } near ? $"; did you mean '{near}'?" : "";
        throw new RecipeException(scalar.Place, $"'{key}' must be {type.Name}, but is {scalar.Description}{nearest}", key);
    }

    private static object? InRange(object? value, RecipeScalar scalar, string key, RecipeRange? range)
    {
        double? number = value switch
        {
            int whole => whole,
            long whole => whole,
            float real => real,
            double real => real,
            _ => null,
        };
        return range is null || number is not { } checkedNumber || range.Contains(checkedNumber)
            ? value
            : throw new RecipeException(scalar.Place, $"'{key}' must {range}, but is {scalar.Text}", key);
    }

    private static RecipeException Wrong(RecipeNode node, RecipeType type, string key) =>
        new(node.Place, $"'{key}' must be {type.Name}, but is {node.Description}", key);

    private RecipeException Unknown(RecipeEntry entry, RecipeProperty[] properties, string path)
    {
        var key = path + entry.Key;
        var near = NearestName.Find(entry.Key, properties.Select(p => p.Key));
        var meant = near is not null ? path + near : RecipeSchema.PathsOf(entry.Key, root).FirstOrDefault();
        var hint = meant is not null
            ? $"did you mean '{meant}'?"
            : properties.Length == 0
                ? "there are no keys here"
                : $"known keys {(path.Length == 0 ? "here" : $"in '{path[..^1]}'")}: {string.Join(", ", properties.Select(p => p.Key))}";
        return new RecipeException(entry.Place, $"unknown key '{key}'; {hint}", key);
    }
}
