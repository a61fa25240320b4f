using System.Reflection;

namespace Sio.Recipes;

/// <summary>The kinds of value that a recipe key can take.</summary>
internal enum RecipeKind
{
    Boolean,
    Int32,
    Int64,
    Single,
    Double,
    Text,
    Enumeration,
    AnyScalar,
    List,
    Dictionary,
    Record,
}

/// <summary>A property's type as recipes see it.</summary>
internal sealed class RecipeType
{
    private static readonly Type[] ListTypes =
        [typeof(List<>), typeof(IList<>), typeof(IReadOnlyList<>), typeof(IReadOnlyCollection<>), typeof(IEnumerable<>)];

    private static readonly Type[] DictionaryTypes =
        [typeof(Dictionary<,>), typeof(IDictionary<,>), typeof(IReadOnlyDictionary<,>)];

    private RecipeType(RecipeKind kind, Type clrType, bool nullable, RecipeType? element = null)
    {
        Kind = kind;
        ClrType = clrType;
        Nullable = nullable;
        Element = element;
    }

    public RecipeKind Kind { get; }

    /// <summary>The type without its <see cref="Nullable{T}"/>.</summary>
    public Type ClrType { get; }

    public bool Nullable { get; }

    /// <summary>What a list or a dictionary holds.</summary>
    public RecipeType? Element { get; }

    /// <summary>What help and messages call it.</summary>
    public string Name => Kind switch
    {
        RecipeKind.Boolean => "true or false",
        RecipeKind.Int32 or RecipeKind.Int64 => "a whole number",
        RecipeKind.Single or RecipeKind.Double => "a number",
        RecipeKind.Text => "text",
        RecipeKind.Enumeration => "one of " + string.Join(", ", EnumNames()),
        RecipeKind.AnyScalar => "a single value",
        RecipeKind.List => "a list",
        RecipeKind.Dictionary => "a mapping of names to values",
        _ => "a mapping of keys",
    };

    /// <summary>Reads a property's type.</summary>
    /// <exception cref="InvalidOperationException">Recipes cannot hold such a value: a fault of the record, not of a user.</exception>
    public static RecipeType Of(PropertyInfo property) =>
        Of(property.PropertyType, new NullabilityInfoContext().Create(property), property);

    /// <summary>The names of the enumeration's values, snake_case, in declaration order.</summary>
    public IEnumerable<string> EnumNames() => Enum.GetNames(ClrType).Select(RecipeSchema.KeyName);

    private static RecipeType Of(Type type, NullabilityInfo? nullability, PropertyInfo property)
    {
        var value = System.Nullable.GetUnderlyingType(type) ?? type;
        var nullable = value != type || (!type.IsValueType && nullability?.ReadState == NullabilityState.Nullable);
        if (Scalar(value) is { } kind)
            return new RecipeType(kind, value, nullable);
        if (value.IsArray && value.GetArrayRank() == 1)
            return new RecipeType(RecipeKind.List, value, nullable, Of(value.GetElementType()!, nullability?.ElementType, property));

        var arguments = value.IsGenericType ? value.GetGenericArguments() : [];
        var generic = value.IsGenericType ? value.GetGenericTypeDefinition() : null;
        if (ListTypes.Contains(generic))
            return new RecipeType(RecipeKind.List, value, nullable, Of(arguments[0], nullability?.GenericTypeArguments[0], property));
        if (DictionaryTypes.Contains(generic) && arguments[0] == typeof(string))
            return new RecipeType(RecipeKind.Dictionary, value, nullable, Of(arguments[1], nullability?.GenericTypeArguments[1], property));
        if (generic is null && value.IsClass && !value.IsAbstract && value.GetConstructor(Type.EmptyTypes) is not null)
            return new RecipeType(RecipeKind.Record, value, nullable);

        throw new InvalidOperationException(
            $"{property.DeclaringType?.Name}.{property.Name} has the type {type.Name}, which a recipe cannot hold.");
    }

    private static RecipeKind? Scalar(Type type) =>
        type == typeof(bool) ? RecipeKind.Boolean
        : type == typeof(int) ? RecipeKind.Int32
        : type == typeof(long) ? RecipeKind.Int64
        : type == typeof(float) ? RecipeKind.Single
        : type == typeof(double) ? RecipeKind.Double
        : type == typeof(string) ? RecipeKind.Text
        : type == typeof(object) ? RecipeKind.AnyScalar
        : type.IsEnum ? RecipeKind.Enumeration
        : null;
}
