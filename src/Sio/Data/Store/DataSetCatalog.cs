using System.Reflection;

namespace Sio.Data.Store;

/// <summary>The data sets that a store knows: those that come with the program, and those whose YAML files lie in the store's folder <c>sets</c>.</summary>
public sealed class DataSetCatalog
{
    private const string Prefix = "sio.sets.", Extension = ".yml";
    private static readonly Lazy<IReadOnlyDictionary<string, DataSetInfo>> s_shipped = new(LoadShipped);

    private readonly SortedDictionary<string, DataSetInfo> _sets = new(StringComparer.Ordinal);

    private DataSetCatalog(IEnumerable<DataSetInfo> sets)
    {
        foreach (var set in sets)
            _sets[set.Name] = set;
    }

    /// <summary>All sets, by name.</summary>
    public IReadOnlyCollection<DataSetInfo> All => _sets.Values;

    /// <summary>The set of a name.</summary>
    /// <exception cref="UnknownNameException">There is none of that name.</exception>
    public DataSetInfo this[string name] => _sets.TryGetValue(name, out var set) ? set : throw new UnknownNameException("data set", name, _sets.Keys);

    /// <summary>Loads the sets that come with the program, and those of a folder, which win where names are the same.</summary>
    /// <param name="folder">A folder with YAML files; it need not be there.</param>
    /// <exception cref="DataException">A file cannot be read or makes no sense.</exception>
    /// <exception cref="Recipes.RecipeException">A file's keys are wrong.</exception>
    public static DataSetCatalog Load(string? folder = null)
    {
        var own = folder is not null && Directory.Exists(folder)
            ? Directory.GetFiles(folder, "*" + Extension).Order(StringComparer.Ordinal).Select(Read)
            : [];
        return new DataSetCatalog(s_shipped.Value.Values.Concat(own));
    }

    private static DataSetInfo Read(string path) =>
        DataSetInfo.Parse(Path.GetFileNameWithoutExtension(path), DataFile.Read(path, Text), path);

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
