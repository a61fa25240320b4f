using Sio.Data;
using Sio.Data.Images;
using Sio.Data.Readers;
using Sio.Data.Store;

namespace Sio.Evaluation.Benchmarks;

/// <summary>Loads the images of a benchmark file: ID sets must be there, OOD sets that are not are told.</summary>
internal sealed class BenchmarkLoader
{
    private readonly BenchmarkFile _file;
    private readonly BenchmarkOptions _options;
    private readonly ImageSourceFinder _finder;
    private readonly ClassRule? _rule;
    private readonly ImagePreparation? _preparation;
    private readonly List<MissingSet> _missing = [];
    private readonly List<string> _notes = [];

    private BenchmarkLoader(BenchmarkFile file, BenchmarkOptions options, DataStore store)
    {
        (_file, _options, _rule) = (file, options, file.Rule);
        _finder = new ImageSourceFinder(options, store);
        _preparation = file.Preparation;
    }

    /// <summary>Loads the images.</summary>
    /// <param name="file">The benchmark.</param>
    /// <param name="options">Which images, and from where; sets of <c>near</c>, <c>far</c> and <c>shifted_id</c> join the file's.</param>
    /// <param name="store">Where to look beside the options' folder.</param>
    /// <exception cref="DataException">An ID set is missing; a set is damaged, does not fit, or is named twice.</exception>
    internal static BenchmarkData Load(BenchmarkFile file, BenchmarkOptions options, DataStore store)
    {
        var given = new (string Key, bool There)[] { ("train", options.Train is not null), ("validation", options.Validation is not null), ("test", options.Test is not null) };
        if (given.FirstOrDefault(entry => entry.There).Key is { } key)
            throw new DataException($"data.{key} changes nothing with the benchmark '{file.Name}': the ID sets are those that it names");
        return new BenchmarkLoader(file, options, store).Load();
    }

    /// <summary>Which of a benchmark's sets are not at hand, ID sets included; no image is read.</summary>
    internal static IReadOnlyList<MissingSet> MissingOf(BenchmarkFile file, BenchmarkOptions options, DataStore store)
    {
        var finder = new ImageSourceFinder(options, store);
        var sets = new[] { (Name: "train", Group: "ID", Source: file.Train), (Name: "test", Group: "ID", Source: file.Test) }
            .Concat(new[] { (Group: "near", Sets: file.Near), (Group: "far", Sets: file.Far), (Group: "shifted_id", Sets: file.ShiftedId) }
                .SelectMany(group => group.Sets.Select(set => (Name: set.Key, group.Group, Source: set.Value))));
        return [.. sets.Where(set => !ImageSourceFinder.IsOptional(set.Source) && !ImageSourceFinder.Alternatives(set.Source).Any(source => source == BenchmarkFile.HeldOut
            || source.StartsWith(MadeUpImages.Prefix, StringComparison.Ordinal)) && !finder.Has(set.Source, set.Group == "ID")).Select(set => new MissingSet(set.Name, set.Group, finder.Hint(set.Source)))];
    }

    private BenchmarkData Load()
    {
        var (train, source) = Id(_file.Train, "train", _file.IdName ?? "train");
        var (tested, testSource) = Id(_file.Test, "test", _file.IdName ?? Stem(_file.Test));
        if (_rule is not null && ImageSourceFinder.ChoosesClasses(source) != ImageSourceFinder.ChoosesClasses(testSource))
            throw new DataException($"the benchmark '{_file.Name}' finds its training images in {source} and its test images in {testSource}: OpenOOD's lists have other classes than 'classes' says, so both or neither must be there");
        var test = SyntheticSet.Match(tested, train, _file.Test, tell: _notes.Add);
        var validation = Validation(train, testSource);
        if (validation is null && _file.ValidationFromTest > 0)
        {
            var rest = test.Count - (int)Math.Round(test.Count * _file.ValidationFromTest);
            (test, validation) = (test.Take(rest, _options.SubsetSeed), AtMost(test.TakeRest(rest, _options.SubsetSeed, name: $"{test.Name}_validation")));
        }

        // What is trained on stays the same, however many are asked for here.
        if (validation is null && _options.TrainImages is { } trained && trained < train.Count)
            validation = AtMost(train.TakeRest(trained, _options.SubsetSeed, name: $"{train.Name}_validation"));
        return new BenchmarkData
        {
            Name = _file.Name!,
            Train = Part(train, _options.TrainImages).AllThere(),
            Validation = _options.ValidationImages == 0 ? null : validation?.AllThere(),
            ValidationOod = ValidationOod(test),
            Test = Part(test, _options.TestImages).AllThere(),
            Near = OodSets(Joined(_file.Near, _options.Near, "near"), "near", train, test),
            Far = OodSets(Joined(_file.Far, _options.Far, "far"), "far", train, test),
            ShiftedId = Shifted(Joined(_file.ShiftedId, _options.ShiftedId, "shifted_id"), train),
            DetectorSettings = _file.DetectorSettings,
            Missing = _missing,
            Notes = _notes,
            // Most of OpenOOD's lists choose their own classes.
            SyntheticLabels = ImageSourceFinder.ChoosesClasses(source) ? null : _rule?.Known(_options.Split),
            Normalization = _file.Normalization is { } own ? new Normalization(own.Mean, own.Std) : Normalization.Of(train.AllThere()),
        };
    }

    // A list of validation images goes with the list of test images: beside other test images, some would be both.
    private ImageSet? Validation(ImageSet train, string testSource)
    {
        if (_file.Validation is not { } source || TryId(source, $"{_file.IdName ?? "id"}_validation") is not { } found)
            return null;
        return ImageSourceFinder.IsList(found.Source) && !ImageSourceFinder.IsList(testSource) ? null : SyntheticSet.Match(found.Images, train, source, tell: _notes.Add);
    }

    private (ImageSet Images, string Source) Id(string source, string key, string name) => TryId(source, name)
        ?? throw new DataException($"the benchmark '{_file.Name}' needs its {key} images in {_finder.Places(own: true)}: {_finder.Hint(source)}");

    private (ImageSet Images, string Source)? TryId(string source, string name) =>
        _finder.TryLoad(source, Request(name, _rule is null ? ClassPart.All : ClassPart.Known), labelled: true, own: true);

    private SetRequest Request(string name, ClassPart part) => new()
    {
        Name = name, Preparation = _preparation, Cache = new ImageSetCache(tell: _notes.Add), Classes = _rule, Part = part, ClassSplit = _options.Split, Tell = _notes.Add, Cancellation = _options.Cancellation,
    };

    // Sets that ship are brought to the benchmark's size, even where it names none for the others.
    private SetRequest OodRequest(string source, string name, ImageSet like)
    {
        var request = Request(name, ClassPart.All);
        return _preparation is null && ImageSourceFinder.IsShipped(source) && like.Height == like.Width
            ? request with { Preparation = ImagePreparation.Square(like.Width) with { Channels = like.Channels } }
            : request;
    }

    private List<ImageSet> OodSets(IReadOnlyDictionary<string, string> sets, string group, ImageSet train, ImageSet test)
    {
        var loaded = new List<ImageSet>();
        foreach (var (name, source) in sets)
        {
            if (TryOod(source, name, test) is { } set)
                loaded.Add(Fitting(set, train, source));
            else if (!ImageSourceFinder.IsOptional(source))
                _missing.Add(new MissingSet(name, group, _finder.Hint(source)));
        }

        return loaded;
    }

    private ImageSet? TryOod(string text, string name, ImageSet test)
    {
        var sources = ImageSourceFinder.Alternatives(text);
        foreach (var source in sources)
        {
            if (sources.Length > 1 && ImageSourceFinder.IsPath(source) && !PathImages.Exists(source))
                continue;
            var set = source.StartsWith(MadeUpImages.Prefix, StringComparison.Ordinal) ? MadeUpImages.Make(source, name, test, _options.NoiseImages, _options.SubsetSeed)
                : source == BenchmarkFile.HeldOut ? TryHeldOut(name)
                : _finder.TryLoad(source, OodRequest(source, name, test), labelled: false, own: false)?.Images;
            if (set is not null)
                return set;
        }

        return null;
    }

    // Others are made in their place, and figures that were tuned with them are not the benchmark's own.
    private ImageSet? ValidationOod(ImageSet test)
    {
        if (_file.ValidationOod is not { } source)
            return null;
        var set = TryOod(source, ValidationOodImages.Name, test);
        if (set is null)
            _notes.Add($"the OOD validation images of '{_file.Name}' are not at hand ({_finder.Hint(source)}): where hyper-parameters are tuned, altered ID validation images stand for them, unless data.validation_ood names others");
        return set;
    }

    // Where the ID images are those of an OpenOOD list, the classes held out are in a list too, and by no rule of ours.
    private ImageSet? TryHeldOut(string name)
    {
        if (_rule is null)
            throw new DataException($"'{name}' asks for held-out classes, but the benchmark '{_file.Name}' names no known ones");
        var source = _finder.SourceOf(_file.Test, own: true);
        return source is null || ImageSourceFinder.ChoosesClasses(source) ? null : _finder.TryLoad(source, Request(name, ClassPart.HeldOut), labelled: true, own: true)?.Images;
    }

    private List<ImageSet> Shifted(IReadOnlyDictionary<string, string> sets, ImageSet train)
    {
        var loaded = new List<ImageSet>();
        foreach (var (name, source) in sets)
        {
            if (_finder.TryLoad(source, Request(name, ClassPart.All), labelled: true, own: false) is not { } found)
                _missing.Add(new MissingSet(name, "shifted_id", _finder.Hint(source)));
            else
                loaded.Add(SyntheticSet.Match(found.Images, train, source, tell: _notes.Add));
        }

        return loaded;
    }

    private Dictionary<string, string> Joined(Dictionary<string, string> own, IReadOnlyDictionary<string, string> more, string group)
    {
        var joined = new Dictionary<string, string>(own);
        foreach (var (name, source) in more)
        {
            if (name.Length == 0)
                throw new DataException($"{source}: a set of data.{group} needs a name, as in 'name: path'");
            if (!joined.TryAdd(name, source))
                throw new DataException($"data.{group}.{name}: the benchmark '{_file.Name}' has a set of that name already; give yours another");
        }

        return joined;
    }

    private static ImageSet Fitting(ImageSet set, ImageSet train, string source) => set.HasSameImageSize(train)
        ? set.AllThere()
        : throw new DataException($"{source}: images of {set.Channels}×{set.Height}×{set.Width}, expected {train.Channels}×{train.Height}×{train.Width} as in the training set");

    // A part of a set, evenly over its classes.
    private ImageSet Part(ImageSet set, int? count) => count is not { } wanted || wanted == set.Count ? set
        : wanted < set.Count ? set.Take(wanted, _options.SubsetSeed)
        : throw new DataException($"{set.Name} has {set.Count} images, {wanted} were asked for");

    private ImageSet? AtMost(ImageSet validation) => _options.ValidationImages == 0 || validation.Count == 0 ? null
        : validation.Count <= _options.ValidationImages ? validation
        : validation.Take(_options.ValidationImages, _options.SubsetSeed);

    private static string Stem(string source) => Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(ImageSourceFinder.Alternatives(source)[0]));
}
