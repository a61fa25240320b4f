using System.Reflection;

namespace Sio.Data.Store;

/// <summary>The data sets that a store knows: those that come with the program, and those whose YAML files lie in the store's folder <c>sets</c>.</summary>
public sealed class DataSetCatalog
{
    private const string Prefix = "sio.sets.", Extension = ".yml";
    private static readonly Lazy<IReadOnlyDictionary<string, DataSetInfo>> s_shipped = new(LoadShipped);

    private readonly SortedDictionary<string, DataSetInfo> _sets = new(StringComparer.Ordinal);

    private readonly Dictionary<string, Exception> _broken = new(StringComparer.Ordinal);

    private DataSetCatalog(IEnumerable<DataSetInfo> sets)
    {
        foreach (var set in sets)
            _sets[set.Name] = set;
    }

    /// <summary>What is wrong with files that could not be read, a line each that begins with the file: their sets are not known.</summary>
    public IReadOnlyList<string> Faults => [.. _broken.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => entry.Value.Message)];

    /// <summary>All sets, by name.</summary>
    public IReadOnlyCollection<DataSetInfo> All => _sets.Values;

    /// <summary>The set of a name.</summary>
    /// <exception cref="UnknownNameException">There is none of that name.</exception>
    /// <exception cref="DataException">Its file could not be read.</exception>
    public DataSetInfo this[string name] => _broken.TryGetValue(name, out var fault) ? throw new DataException(fault.Message, fault)
        : _sets.TryGetValue(name, out var set) ? set
        : throw new UnknownNameException("data set", name, _sets.Keys);

    /// <summary>Loads the sets that come with the program, and those of a folder, which win where names are the same.</summary>
    /// <param name="folder">A folder with YAML files; it need not be there. One that cannot be read stands in <see cref="Faults"/>, and the others are known.</param>
    public static DataSetCatalog Load(string? folder = null)
    {
        var catalog = new DataSetCatalog(s_shipped.Value.Values);
        if (folder is null || !Directory.Exists(folder))
            return catalog;
        foreach (var path in Directory.GetFiles(folder, "*" + Extension).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileNameWithoutExtension(path);
            try
            {
                catalog._sets[name] = Read(path);
            }
            catch (Exception error) when (error is DataException or Recipes.RecipeException)
            {
                catalog._broken[name] = error;
                catalog._sets.Remove(name);
            }
        }

        return catalog;
    }

    private static DataSetInfo Read(string path) =>
        DataSetInfo.Parse(Path.GetFileNameWithoutExtension(path), DataFile.Read(path, _ => InputFile.ReadText(path)), path);

    private static Dictionary<string, DataSetInfo> LoadShipped()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(resource =>
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var name = resource[Prefix.Length..^Extension.Length];
            return DataSetInfo.Parse(name, Text(stream), name + Extension);
        }).ToDictionary(set => set.Name, StringComparer.Ordinal);
    }

    private static string Text(Stream stream)
    {
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
