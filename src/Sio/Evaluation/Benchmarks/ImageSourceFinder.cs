using System.Text.RegularExpressions;
using Sio.Data;
using Sio.Data.Images;
using Sio.Data.Readers;
using Sio.Data.Store;

namespace Sio.Evaluation.Benchmarks;

/// <summary>
/// Finds the images that a benchmark file names. A text is one source or several, separated by <c> | </c> with blanks around it, of which the first that is there is taken:
/// <c>set:NAME/SPLIT</c> (a data set's own files, see <see cref="ImageSetReader"/>), <c>given:NAME/SPLIT</c> (the same, only where the recipe names its folder, and never missed),
/// <c>shipped:NAME</c> (a set that comes with the program, see <see cref="ShippedSets"/>),
/// <c>openood:LIST</c> (an image list below OpenOOD's <c>benchmark_imglist</c>, its images beside that folder; with <c>#classes</c> behind it the benchmark's class rule is for its labels), or a path. Looked for in the recipe's data folder first, then in the
/// data store.
/// </summary>
internal sealed partial class ImageSourceFinder
{
    private const string ListPrefix = "openood:", ClassesMark = "#classes";
    private const string SetPrefix = "set:", GivenPrefix = "given:", Lists = "benchmark_imglist";
    private static readonly string[] s_imageFolders = ["images_classic", "images_largescale", "images_medical"];

    private readonly BenchmarkOptions _options;
    private readonly DataStore _store;

    internal ImageSourceFinder(BenchmarkOptions options, DataStore store) => (_options, _store) = (options, store);

    /// <summary>Whether a text has a path, which counts from the benchmark file's folder.</summary>
    internal static bool IsPath(string source) => source != BenchmarkFile.HeldOut
        && !new[] { SetPrefix, GivenPrefix, ListPrefix, ShippedSets.Prefix, MadeUpImages.Prefix }
            .Any(prefix => source.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>Whether a source comes with the program.</summary>
    internal static bool IsShipped(string source) => source.StartsWith(ShippedSets.Prefix, StringComparison.Ordinal);

    /// <summary>Whether a source is a list of OpenOOD's.</summary>
    internal static bool IsList(string source) => source.StartsWith(ListPrefix, StringComparison.Ordinal);

    /// <summary>Whether a source is a list that has known classes alone, numbered from 0: the benchmark's rule is not for it.</summary>
    internal static bool ChoosesClasses(string source) => IsList(source) && !source.EndsWith(ClassesMark, StringComparison.Ordinal);

    /// <summary>A text with the paths among its sources made absolute.</summary>
    /// <param name="text">The text.</param>
    /// <param name="folder">Where relative paths start.</param>
    internal static string Absolute(string text, string folder) => text.Length > 0 && Path.Exists(Path.GetFullPath(text, folder))
        ? Path.GetFullPath(text, folder)
        : string.Join(" | ", Alternatives(text).Select(source => IsPath(source) ? Path.GetFullPath(source, folder) : source));

    /// <summary>The sources of a text. A <c>|</c> within a path separates nothing, nor does any in a path that is there.</summary>
    internal static string[] Alternatives(string text) => Path.Exists(text)
        ? [text]
        : [.. Separator().Split(text).Select(source => source.Trim()).Where(source => source.Length > 0)];

    /// <summary>Whether a text's images are not missed where they are not there.</summary>
    internal static bool IsOptional(string text) => Alternatives(text).All(source => source.StartsWith(GivenPrefix, StringComparison.Ordinal));

    /// <summary>Where is looked, for messages.</summary>
    internal string Places(bool own) => _options.Folder is not { } folder ? $"data.folder, or {_store.Root}" : own ? $"data.folder ({folder})" : $"{folder} or {_store.Root}";

    /// <summary>How to get what a text names, on one line.</summary>
    internal string Hint(string text)
    {
        var alternatives = Alternatives(Numbered(text)).Where(source => !source.StartsWith(GivenPrefix, StringComparison.Ordinal) && source != BenchmarkFile.HeldOut).Select(source =>
            IsList(source) ? $"{Lists}/{source[ListPrefix.Length..].Replace(ClassesMark, string.Empty, StringComparison.Ordinal)} with its images, of OpenOOD's data"
            : !source.StartsWith(SetPrefix, StringComparison.Ordinal) ? source
            : Reader(source, SetPrefix).Reader is var reader && reader.HowToGet is { } how ? $"{reader.Name} ({how})"
            : $"{reader.Name} ('sio data fetch {reader.Name}')");
        return string.Join("; or ", alternatives.Distinct());
    }

    /// <summary>Loads the first source of a text that is there.</summary>
    /// <param name="text">The text.</param>
    /// <param name="request">What is asked of it.</param>
    /// <param name="labelled">Whether labels are needed.</param>
    /// <param name="own">Whether this is the benchmark's ID set: it is taken from the data folder alone where one is named.</param>
    /// <returns>The images and the source, or null where none is there.</returns>
    /// <exception cref="DataException">One is there, but damaged or other than it should be; or a source makes no sense.</exception>
    internal (ImageSet Images, string Source)? TryLoad(string text, SetRequest request, bool labelled, bool own)
    {
        if (Find(text, labelled, own) is not var (load, source))
        {
            // A path that somebody wrote down is thought to be there: this says that it is not.
            return Alternatives(Numbered(text)).FirstOrDefault(IsPath) is { } path ? (PathImages.Load(path, request, labelled), path) : null;
        }

        var images = load(request);
        if (labelled && request.Part != ClassPart.HeldOut && images.ClassCount == 0)
            throw new DataException($"{text}: none of its images has a label, and images of known classes need one.");
        return (labelled || images.ClassCount == 0 ? images : images.AsOutOfDistribution(request.Name), source);
    }

    /// <summary>Whether a source of a text is there; no image is read.</summary>
    /// <exception cref="DataException">A source makes no sense, or a list is damaged.</exception>
    internal bool Has(string text, bool own) => SourceOf(text, own) is not null;

    /// <summary>The first source of a text that is there, or null; no image is read.</summary>
    /// <inheritdoc cref="Has"/>
    internal string? SourceOf(string text, bool own) => Find(text, labelled: own, own)?.Source;

    private (Func<SetRequest, ImageSet> Load, string Source)? Find(string text, bool labelled, bool own)
    {
        var sources = Alternatives(Numbered(text));
        foreach (var place in (Place[])[.. _options.Folder is null ? [] : new[] { Place.Folder }, .. own && _options.Folder is not null ? [] : new[] { Place.Store }])
        {
            foreach (var source in sources)
            {
                var found = IsList(source) ? InList(source[ListPrefix.Length..], place, labelled)
                    : source.StartsWith(SetPrefix, StringComparison.Ordinal) ? InSet(source, SetPrefix, place, own)
                    : source.StartsWith(GivenPrefix, StringComparison.Ordinal) ? InSet(source, GivenPrefix, place, own)
                    : IsShipped(source) ? request => PathImages.Load(ShippedFile(source), request, labelled)
                    : PathImages.Exists(source) ? new Func<SetRequest, ImageSet>(request => PathImages.Load(source, request, labelled))
                    : null;
                if (found is not null)
                    return (found, source);
            }
        }

        return null;
    }

    // OpenOOD has a list for each of its splits into known and held-out classes.
    private string Numbered(string text) => text.Replace("{split}", ImageSet.Text($"{_options.Split}"), StringComparison.Ordinal);

    private static (ImageSetReader Reader, string Split) Reader(string source, string prefix)
    {
        var parts = source[prefix.Length..].Split('/');
        if (!Catalog<ImageSetReader>.Names.Contains(parts[0]))
            throw new UnknownNameException("data set", parts[0], Catalog<ImageSetReader>.Names);
        var reader = Catalog<ImageSetReader>.Create(parts[0]);
        return parts.Length == 2 && reader.Splits.Contains(parts[1])
            ? (reader, parts[1])
            : throw new DataException($"'{source}': {prefix}NAME/SPLIT was expected, {reader.Name} has {string.Join(", ", reader.Splits)}");
    }

    private Func<SetRequest, ImageSet>? InSet(string source, string prefix, Place place, bool own)
    {
        var (reader, split) = Reader(source, prefix);
        if (reader.Name == "mnist" && _options.Mnist is { } mnist)
        {
            return reader.IsAt(mnist, split) ? request => reader.Load(mnist, split, request)
                : split == "all" ? null
                : throw new DataException($"{mnist}: has no {split} images of MNIST, though data.mnist names it; IDX files under MNIST's names were expected");
        }

        if (prefix == GivenPrefix)
            return null;
        var folder = place == Place.Store ? reader.FindIn(_store, split) ?? InSystem(reader, split)
            : new[] { own || reader.HasOwnFileNames ? _options.Folder! : null, Path.Combine(_options.Folder!, reader.Name) }
                .FirstOrDefault(candidate => candidate is not null && reader.IsAt(candidate, split));
        return folder is not null ? request => reader.Load(folder, split, request)
            // The training set's images may be some of all, since a part of them is drawn; other sets are measured whole.
            : place == Place.Store && reader.Ships(split, whole: !own) ? request => reader.LoadShipped(split, request)
            : null;
    }

    private string? InSystem(ImageSetReader reader, string split) =>
        _store.LooksInSystemFolders && reader.SystemFolder is { } folder && reader.IsAt(folder, split) ? folder : null;

    private static string ShippedFile(string source) => ShippedSets.Find(source[ShippedSets.Prefix.Length..]);

    private Func<SetRequest, ImageSet>? InList(string text, Place place, bool labelled)
    {
        var list = text.Replace(ClassesMark, string.Empty, StringComparison.Ordinal);
        var roots = place == Place.Store ? [Path.Combine(_store.Root, "openood")] : new[] { _options.Folder!, Path.Combine(_options.Folder!, "openood"), Path.Combine(_options.Folder!, "data") };
        foreach (var root in roots)
        {
            var path = Path.Combine(root, Lists, list);
            if (!File.Exists(path))
                continue;
            var listing = ImageListing.FromList(path, root, labelled: labelled);
            var first = listing.Images[0].Path;
            // A list says 'mnist/test/…': where that is below differs by list, and only the files tell.
            if (s_imageFolders.Select(folder => Path.Combine(root, folder)).FirstOrDefault(folder => File.Exists(Path.Combine(folder, first))) is { } images)
            {
                return request => ImageSets.Open(list == text ? Of(listing.ClassCount) : request.Choose(Of(Math.Max(listing.ClassCount, request.Classes?.Classes ?? 0))), request.Name, request.Preparation, request.Cache, tell: request.Tell, cancellation: request.Cancellation);

                // A short list need not have an image of the last class.
                ImageListing Of(int classCount) => ImageListing.Of(images, path, listing.Images, classCount, null, listing.Notes);
            }
        }

        return null;
    }

    [GeneratedRegex(@"(?:^|\s)\|(?=\s|$)", RegexOptions.CultureInvariant)]
    private static partial Regex Separator();

    private enum Place
    {
        Folder,
        Store,
    }
}
