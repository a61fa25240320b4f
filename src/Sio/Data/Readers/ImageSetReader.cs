using Sio.Data.Store;

namespace Sio.Data.Readers;

/// <summary>
/// Reads a data set's own files: what <c>set:NAME/SPLIT</c> in a benchmark file stands for. A class in this folder with a <see cref="CatalogEntryAttribute"/> and a constructor
/// without parameters is known by its name.
/// </summary>
public abstract class ImageSetReader
{
    /// <summary>Names of the splits, e.g. <c>train</c> and <c>test</c>.</summary>
    public abstract IReadOnlyList<string> Splits { get; }

    /// <summary>Whether the files' names tell this set from others, so that it may lie in one folder with them; IDX files are called alike in all sets.</summary>
    public virtual bool HasOwnFileNames => true;

    /// <summary>The store's names of this set in its versions, the preferred one first.</summary>
    public virtual IReadOnlyList<string> StoreNames => [Name];

    /// <summary>A folder outside the store where a distribution's package puts the set; null for none.</summary>
    public virtual string? SystemFolder => null;

    /// <summary>How to get the set, where 'sio data fetch' is not all there is to say; null otherwise.</summary>
    public virtual string? HowToGet => null;

    /// <summary>The set's name.</summary>
    public string Name => Catalog<ImageSetReader>.NameOf(this);

    /// <summary>Whether a folder holds the files of a split; they are not read.</summary>
    public abstract bool IsAt(string folder, string split);

    /// <summary>Loads a split.</summary>
    /// <param name="folder">A folder for which <see cref="IsAt"/> is true.</param>
    /// <param name="split">One of <see cref="Splits"/>.</param>
    /// <param name="request">Which classes, and what becomes of the images.</param>
    /// <exception cref="DataException">A file is missing or damaged, or the set has not the classes.</exception>
    public abstract ImageSet Load(string folder, string split, SetRequest request);

    /// <summary>Whether the program ships a split; then it is taken from there, where it is nowhere else.</summary>
    /// <param name="split">One of <see cref="Splits"/>.</param>
    /// <param name="whole">
    /// Whether all of its images must be there; else those will do that the program's recipes draw, and others say that they are missing.
    /// </param>
    public virtual bool Ships(string split, bool whole) => false;

    /// <summary>Loads a split as far as it ships.</summary>
    /// <param name="split">One for which <see cref="Ships"/> is true.</param>
    /// <param name="request">Which classes, and what becomes of the images.</param>
    /// <exception cref="DataException">The program was installed without it, its file is damaged, or the set has not the classes.</exception>
    public virtual ImageSet LoadShipped(string split, SetRequest request) =>
        throw new NotSupportedException($"{Name}: no split ships with the program");

    /// <summary>Where a store has a split, or a folder in it that has the set's name and was put there by hand; null where it has none.</summary>
    /// <exception cref="DataException">The store's own files are damaged.</exception>
    public string? FindIn(DataStore store, string split)
    {
        ArgumentNullException.ThrowIfNull(store);
        if (!Directory.Exists(store.Root))
            return null;
        return StoreNames.Select(name => store.Catalog.All.Any(set => set.Name == name) ? store.FolderOf(name) : Path.Combine(store.Root, name))
            .FirstOrDefault(folder => Directory.Exists(folder) && IsAt(folder, split));
    }
}
