using System.ComponentModel.DataAnnotations;
using Sio.Recipes;

namespace Sio.Data.Store;

/// <summary>
/// A data set that the store knows: what it is, under which terms, which files it is made of and how they unpack. Each is a small YAML file; those that come with
/// the program are in <c>src/Sio/Data/Store/Sets</c>, a user's own in the store's folder <c>sets</c>.
/// </summary>
public sealed record DataSetInfo
{
    /// <summary>No file is larger: 1 PiB. Sums of these cannot overflow.</summary>
    internal const long MostBytes = 1L << 50;

    /// <summary>The name: that of its file without <c>.yml</c>.</summary>
    public string Name { get; internal init; } = string.Empty;

    /// <summary>Summary.</summary>
    [Describe("What it is, in one line.")]
    public required string Summary { get; init; }

    /// <summary>Home page.</summary>
    [Describe("Where its publisher describes it.")]
    public required string Homepage { get; init; }

    /// <summary>Licence.</summary>
    [Describe("The terms it may be used under, in a line or two.")]
    public required string Licence { get; init; }

    /// <summary>Folder.</summary>
    [Describe("Its folder in the store; empty for its name.")]
    public string? Place { get; init; }

    /// <summary>Files.</summary>
    [Describe("The files it is made of.")]
    public required RemoteFile[] Files { get; init; }

    /// <summary>Origin of the sums.</summary>
    [Describe("Who published the checksums and sizes; empty where there are none, and the first download's are kept.")]
    public string? SumsFrom { get; init; }

    /// <summary>Folder to strip.</summary>
    [Describe("A leading folder of the archives that is left out on unpacking.")]
    public string? Strip { get; init; }

    /// <summary>Contents.</summary>
    [Describe("Files and folders that must be there once it is unpacked; none where that is not known.")]
    public string[] Holds { get; init; } = [];

    /// <summary>Limit of the unpacked size.</summary>
    [Describe("Bytes that it may take, unpacked or as a download, at most: a guard against what fills the disk.")]
    [Range(1, MostBytes)]
    public long MaxBytes { get; init; } = 64L << 30;

    /// <summary>Limit of the number of entries.</summary>
    [Describe("Files and folders that it may have unpacked, at most.")]
    public int MaxEntries { get; init; } = 2_000_000;

    /// <summary>Its folder, relative to the store's.</summary>
    internal string Folder => string.IsNullOrEmpty(Place) ? Name : Place;

    /// <summary>Bytes to download, or null where a file's size is not published.</summary>
    public long? DownloadBytes => Files.All(file => file.Bytes is not null) ? Files.Sum(file => file.Bytes) : null;

    /// <summary>Reads one from YAML.</summary>
    /// <param name="name">Its name: lower-case letters, digits, '-' and '_'.</param>
    /// <param name="yaml">The text.</param>
    /// <param name="source">What to call the text in messages.</param>
    /// <exception cref="RecipeException">A key is unknown, missing, or has a value of another type.</exception>
    /// <exception cref="DataException">A name, path, address or sum makes no sense.</exception>
    public static DataSetInfo Parse(string name, string yaml, string source)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var set = RecipeReader.Parse<DataSetInfo>(yaml, name: source) with { Name = name };
        try
        {
            set.Check();
            return set;
        }
        catch (DataException error)
        {
            throw new DataException($"{source}: {error.Message}", error);
        }
    }

    private void Check()
    {
        if (!Name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_'))
            throw new DataException($"{DataFile.Quote(Name)} is no name of a data set: lower-case letters, digits, '-' and '_' were expected");
        SafePath.Check(Folder);
        if (Folder.StartsWith('.'))
            throw new DataException($"the folder {DataFile.Quote(Folder)} begins with a dot, as those of the store's own do");
        if (Files.Length == 0)
            throw new DataException("'files' needs at least one entry");
        if (Files.Select(file => file.Name).Distinct(StringComparer.Ordinal).Count() != Files.Length)
            throw new DataException("two of its files have the same name");
        foreach (var path in Holds.Concat(string.IsNullOrEmpty(Strip) ? [] : [Strip]))
            SafePath.Check(path);
        foreach (var file in Files)
        {
            SafePath.Check(file.Name);
            if (file.Name.Contains('/', StringComparison.Ordinal) || file.Name.StartsWith('.'))
                throw new DataException($"{DataFile.Quote(file.Name)} is no plain file name");
            _ = file.Published;
            if (file.Addresses.Length == 0)
                throw new DataException($"{file.Name} has no address");
            foreach (var address in file.Addresses)
            {
                var drive = address.StartsWith(RemoteFile.DriveScheme, StringComparison.Ordinal);
                if (drive ? address.Length <= RemoteFile.DriveScheme.Length : !(Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
                    throw new DataException($"{DataFile.Quote(address)} is no address: https://…, http://… or gdrive:ID was expected");
            }
        }
    }
}
