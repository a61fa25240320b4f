using System.Reflection;
using Sio.Data;
using Sio.Data.Images;
using Sio.Data.Readers;
using Sio.Data.Store;
using Sio.Data.Transforms;
using Sio.Recipes;

namespace Sio.Evaluation.Benchmarks;

/// <summary>The benchmarks that come with the program, each a YAML file in the folder <c>Files</c>; and <c>files</c>, whose sets the recipe names itself.</summary>
public static class BenchmarkCatalog
{
    /// <summary>The benchmark whose sets are the recipe's <c>data.train</c>, <c>data.test</c>, <c>data.near</c> and <c>data.far</c>.</summary>
    public const string OwnFiles = "files";

    private const string Prefix = "sio.benchmarks.", Extension = ".yml";
    private static readonly Lazy<SortedDictionary<string, BenchmarkFile>> s_shipped = new(LoadShipped);

    /// <summary>All names, in order.</summary>
    public static IReadOnlyCollection<string> Names => [.. s_shipped.Value.Keys.Append(OwnFiles).Order(StringComparer.Ordinal)];

    /// <summary>A benchmark of the program's, or a file of one's own (<see cref="BenchmarkFile.IsFile"/>).</summary>
    /// <exception cref="UnknownNameException">There is none of that name.</exception>
    /// <exception cref="DataException">The file is missing or makes no sense.</exception>
    /// <exception cref="RecipeException">The file's keys are wrong.</exception>
    public static BenchmarkFile Get(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return BenchmarkFile.IsFile(name) ? BenchmarkFile.Read(name)
            : s_shipped.Value.TryGetValue(name, out var file) ? file
            : throw new UnknownNameException("benchmark", name, Names);
    }

    /// <summary>Loads a benchmark's images.</summary>
    /// <param name="name">Its name, or the path of a file.</param>
    /// <param name="options">Which images, and from where.</param>
    /// <param name="store">Where to look beside <c>data.folder</c>; null for the default store.</param>
    /// <exception cref="UnknownNameException">There is none of that name.</exception>
    /// <exception cref="DataException">ID images are missing, or images are damaged or do not fit.</exception>
    /// <exception cref="RecipeException">The file's keys are wrong.</exception>
    public static BenchmarkData Load(string name, BenchmarkOptions options, DataStore? store = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(options);
        if (name != OwnFiles)
            return BenchmarkLoader.Load(Get(name), options, store ?? DataStore.Default);
        var file = new BenchmarkFile
        {
            Name = OwnFiles, Train = Required(options.Train, "data.train"), Test = Required(options.Test, "data.test"), Validation = options.Validation,
            Near = new(options.Near), Far = new(options.Far), ShiftedId = new(options.ShiftedId),
        };
        var own = options with { Train = null, Test = null, Validation = null, Near = new Dictionary<string, string>(), Far = new Dictionary<string, string>(), ShiftedId = new Dictionary<string, string>() };
        return BenchmarkLoader.Load(file.Checked("data", Environment.CurrentDirectory, OwnFiles), own, store ?? DataStore.Default);
    }

    /// <summary>Which of a benchmark's sets are not at hand, ID sets included; no image is read.</summary>
    /// <inheritdoc cref="Load"/>
    public static IReadOnlyList<MissingSet> MissingOf(string name, BenchmarkOptions options, DataStore? store = null) => BenchmarkLoader.MissingOf(Get(name), options, store ?? DataStore.Default);

    /// <summary>Loads images that are used beside a benchmark's, outliers to train with say, and brings them to its size as its own sets are.</summary>
    /// <param name="benchmark">The benchmark's name, or the path of its file.</param>
    /// <param name="source">A path, or a source as in a benchmark file: <c>set:tiny-imagenet/train</c>.</param>
    /// <param name="name">What to call them.</param>
    /// <param name="like">The images whose size and channels they get.</param>
    /// <param name="options">Where to look.</param>
    /// <param name="tell">Is told on one line of a set too large for memory, and of a cache that is damaged or cannot be written.</param>
    /// <returns>The images, without labels.</returns>
    /// <exception cref="DataException">They are missing, damaged, or of no size that can be changed.</exception>
    internal static ImageSet LoadBeside(string benchmark, string source, string name, ImageSet like, BenchmarkOptions options, Action<string> tell)
    {
        var finder = new ImageSourceFinder(options, DataStore.Default);
        return finder.TryLoad(source, new SetRequest { Name = name, Preparation = PreparationOf(benchmark, like), Cache = new ImageSetCache(tell: tell), Tell = tell, Cancellation = options.Cancellation }, labelled: false, own: false)?.Images
            ?? throw new DataException($"{source}: not found, {finder.Hint(source)} was expected");
    }

    /// <summary>
    /// Loads pictures as a benchmark's OOD sets are loaded, so that one that is in both comes to the same pixels. Where training images are not square, and the benchmark names no size to bring them to, as
    /// <see cref="MixingSet"/> loads them.
    /// </summary>
    /// <param name="benchmark">The benchmark's name, or the path of its file.</param>
    /// <param name="path">Where they are; no source of a benchmark file.</param>
    /// <param name="name">What to call them.</param>
    /// <param name="like">The benchmark's training images.</param>
    /// <param name="tell">Is told on one line of a set too large for memory, and of a cache that is damaged or cannot be written.</param>
    /// <returns>The pictures, without labels.</returns>
    /// <exception cref="DataException">They are missing, damaged, or of no size that can be changed.</exception>
    internal static ImageSet LoadMixing(string benchmark, string path, string name, ImageSet like, Action<string> tell)
    {
        var preparation = PreparationOf(benchmark, like);
        return preparation is null
            ? MixingSet.Load(path, like)
            : PathImages.LoadFiles(path, new SetRequest { Name = name, Preparation = preparation, Cache = new ImageSetCache(tell: tell), Tell = tell });
    }

    // As the benchmark's own sets; where it names no size, that of the training images, unless they are of a shape that pictures cannot be brought to without being distorted.
    private static ImagePreparation? PreparationOf(string benchmark, ImageSet like)
    {
        var file = benchmark == OwnFiles ? null : Get(benchmark);
        return file?.Preparation ?? (like.Channels is 1 or 3 && like.Height == like.Width ? ImagePreparation.Square(like.Width) with { Channels = like.Channels } : null);
    }

    private static string Required(string? path, string key) =>
        path ?? throw new DataException($"the benchmark '{OwnFiles}' needs {key}: an .npz, a folder with images.npy and labels.npy, or a folder with a folder of images per class");

    private static SortedDictionary<string, BenchmarkFile> LoadShipped()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var files = new SortedDictionary<string, BenchmarkFile>(StringComparer.Ordinal);
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            var name = resource[Prefix.Length..^Extension.Length];
            files.Add(name, RecipeReader.Parse<BenchmarkFile>(reader.ReadToEnd(), name: name + Extension).Checked(name + Extension, Environment.CurrentDirectory, name));
        }

        return files;
    }
}
