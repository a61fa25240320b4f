using System.Reflection;

namespace Sio;

/// <summary>The name under which recipes and the command line know a network, a detector, a benchmark, ….</summary>
/// <param name="name">Lower case, with underscores, unique among its kind.</param>
/// <param name="summary">One line for lists and help.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class CatalogEntryAttribute(string name, string summary) : Attribute
{
    /// <summary>The name.</summary>
    public string Name { get; } = name;

    /// <summary>One line for lists and help.</summary>
    public string Summary { get; } = summary;

    /// <summary>Where it comes from: authors and year, or empty.</summary>
    public string Paper { get; init; } = string.Empty;
}

/// <summary>
/// Finds all classes of a kind that carry a <see cref="CatalogEntryAttribute"/>, so that adding one is adding a file: there is no list to keep.
/// </summary>
/// <typeparam name="T">The kind: a base class or interface.</typeparam>
public static class Catalog<T>
    where T : class
{
    private static readonly SortedDictionary<string, (Type Type, CatalogEntryAttribute Entry)> s_entries = Find();

    /// <summary>What there is, by name.</summary>
    public static IEnumerable<CatalogEntryAttribute> Entries => s_entries.Values.Select(found => found.Entry);

    /// <summary>All names, in order.</summary>
    public static IReadOnlyCollection<string> Names => s_entries.Keys;

    /// <summary>The class of a name.</summary>
    /// <exception cref="UnknownNameException">There is none of that name.</exception>
    public static Type TypeOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return s_entries.TryGetValue(name, out var found) ? found.Type : throw new UnknownNameException(typeof(T).Name, name, Names);
    }

    /// <summary>Makes one by name.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="arguments">What its constructor takes.</param>
    /// <exception cref="UnknownNameException">There is none of that name.</exception>
    public static T Create(string name, params object?[] arguments)
    {
        return (T)Activator.CreateInstance(TypeOf(name), BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null)!;
    }

    /// <summary>The name of an object's class.</summary>
    /// <exception cref="ArgumentException">Its class has none.</exception>
    public static string NameOf(T value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.GetType().GetCustomAttribute<CatalogEntryAttribute>()?.Name
            ?? throw new ArgumentException($"{value.GetType()} is in no catalog", nameof(value));
    }

    private static SortedDictionary<string, (Type Type, CatalogEntryAttribute Entry)> Find()
    {
        var entries = new SortedDictionary<string, (Type, CatalogEntryAttribute)>(StringComparer.Ordinal);
        foreach (var type in typeof(T).Assembly.GetTypes())
        {
            if (!type.IsAbstract && typeof(T).IsAssignableFrom(type) && type.GetCustomAttribute<CatalogEntryAttribute>() is { } entry)
                entries.Add(entry.Name, (type, entry));
        }

        return entries;
    }
}
