using System.Text;
using System.Text.Json;
using Sio.Data;
using Sio.Data.Images;
using Sio.Evaluation;
using Sio.Experiments;
using Sio.Experiments.Inspection;
using Sio.Experiments.Results;
using Sio.Fuzz.Mutation;
using Sio.Fuzz.Seeds;
using Sio.Generation;

namespace Sio.Fuzz.Targets;

/// <summary>Results, and the table that is made of them.</summary>
[CatalogEntry("results", "results.json, and the report of it")]
internal sealed class ResultsTarget : FuzzTarget
{
    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Json, Mutation.Mutators.Json, Mutation.Mutators.Json];

    internal override IEnumerable<Seed> Seeds() =>
        [new("results.json", SampleRuns.Results(twoArms: true)), new("results.json", SampleRuns.Results(twoArms: false)), new("results.json", SeedFiles.Read("run/results.json"))];

    internal override void Read(string path)
    {
        var results = ResultsFile.Read(path);
        if (results.Arms.Count > 0)
            ResultsMarkdown.Render(ResultsSummary.Create(results));
    }
}

/// <summary>Two runs that are compared.</summary>
[CatalogEntry("compare", "runs that sio compare compares: results and scores")]
internal sealed class CompareTarget : FuzzTarget
{
    internal override bool IsDear => true;

    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Json, Mutation.Mutators.Zip, Mutation.Mutators.Binary];

    internal override IEnumerable<Seed> Seeds() =>
        [new(Path.Combine("with", "results.json"), SampleRuns.Results(twoArms: false)), new(Path.Combine("with", "scores", "msp", "far.npz"), SampleRuns.Scores(1)), new(Path.Combine("with", "scores", "msp", "id.npz"), SampleRuns.Scores(0))];

    internal override void Prepare(string folder)
    {
        foreach (var side in (string[])["base", "with"])
        {
            Directory.CreateDirectory(Path.Combine(folder, side, "scores", "msp"));
            File.WriteAllBytes(Path.Combine(folder, side, "results.json"), SampleRuns.Results(twoArms: false));
            foreach (var (at, set) in new[] { "id", "far", "near" }.Index())
                File.WriteAllBytes(Path.Combine(folder, side, "scores", "msp", set + ".npz"), SampleRuns.Scores(at));
        }
    }

    internal override void Read(string path)
    {
        var folder = path[..path.LastIndexOf(Path.DirectorySeparatorChar + "with" + Path.DirectorySeparatorChar, StringComparison.Ordinal)];
        new Comparison([Path.Combine(folder, "base")], [Path.Combine(folder, "with")]).Compute(new StratifiedBootstrap(100, 0));
    }
}

/// <summary>Small results and scores.</summary>
internal static class SampleRuns
{
    internal static byte[] Results(bool twoArms) => Encoding.UTF8.GetBytes(ResultsFile.ToJson(new ExperimentResults
    {
        Benchmark = "b",
        Id = "id",
        Near = ["near"],
        Far = ["far"],
        Arms = [.. (twoArms ? new[] { "baseline", "sio" } : ["sio"]).Select(arm => new ArmResults { Name = arm, RealRatio = 0.8, Runs = [.. Enumerable.Range(0, twoArms ? 3 : 1).Select(Run)] })],
    }));

    internal static byte[] Scores(int set) => Arrays.Npz(
        packed: true,
        ("conf", NpyArray.Create([.. Enumerable.Range(0, 12).Select(i => (((i * 5) + set) % 13) / 13f)])),
        ("gt", NpyArray.Create([.. Enumerable.Range(0, 12).Select(i => set == 0 ? i % 3L : -1L)])));

    private static RunResults Run(int seed)
    {
        var metrics = new SetMetrics { Auroc = 90 + seed, AuprIn = 80, AuprOut = 70, Fpr95 = 20, Fpr95Ood = 30 };
        return new RunResults
        {
            Seed = seed,
            Accuracy = 91.5,
            TrainSeconds = 1,
            Detectors = new Dictionary<string, DetectorResults> { ["msp"] = DetectorResults.FromSets(new Dictionary<string, SetMetrics> { ["near"] = metrics, ["far"] = metrics }, ["near"], ["far"]) },
        };
    }
}

/// <summary>Sets of samples, and what they tell of themselves.</summary>
[CatalogEntry("samples", "generated sets with their provenance")]
internal sealed class SamplesTarget : FuzzTarget
{
    private const string Archive = "set.npz", Note = "set.provenance.json";

    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Zip, Mutation.Mutators.Json, Mutation.Mutators.Json];

    internal override IEnumerable<Seed> Seeds()
    {
        var folder = Directory.CreateTempSubdirectory("sio-fuzz-samples-").FullName;
        try
        {
            Prepare(folder);
            return [new(Archive, File.ReadAllBytes(Path.Combine(folder, Archive))), new(Note, File.ReadAllBytes(Path.Combine(folder, Note)))];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    internal override void Prepare(string folder)
    {
        var images = new ImageSet("samples", Arrays.Pixels(4 * 3 * 2 * 2), [0, 1, 0, 1], 3, 2, 2, 2);
        var learnt = new LearntImages("real", 10, new string('a', 64), 3, 2, 2, [5, 9]);
        SampledSet.Of(images, new SampleProvenance
        {
            Commands = [], Generator = "gan", Sampler = "sio", Data = learnt, WeightsSha256 = new string('b', 64), Steps = 10, Seed = 2, PerClass = 2, From = 0, Count = 4, Threads = 1, Device = "cpu",
            LibTorch = "2.10.0", ImagesSha256 = string.Empty, LabelsSha256 = string.Empty, Recipe = "seed: 2\n",
        }).Write(Path.Combine(folder, Archive));
    }

    internal override void Read(string path)
    {
        var set = Path.Combine(Path.GetDirectoryName(path)!, Archive);
        SampledSet.Join([(set, SampledSet.Read(set))]);
    }
}

/// <summary>Results of looking at images alone.</summary>
[CatalogEntry("inspection", "results of sio data inspect")]
internal sealed class InspectionTarget : FuzzTarget
{
    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, Mutation.Mutators.Json, Mutation.Mutators.Json];

    internal override IEnumerable<Seed> Seeds()
    {
        var images = new InspectedImages { Source = "a.npz", Images = 2, PerClass = [1, 1], Sha256 = new string('a', 64) };
        var results = new DataInspection
        {
            Set = images, Training = images, HeldOut = images, Shape = [1, 2, 2], Classes = ["a", "b"], SyntheticPerClass = [1, 1], TrainingPerClass = [1, 1], Repeated = 0, ExactCopies = 0, ExactCopiesOfOtherClass = 0,
            ExactCopiesOfHeldOut = 0, HeldOutInTraining = 0, NearQuantile = 0.01, NearThreshold = 1.5, NearCopies = 0, MedianSynthetic = 2, MedianHeldOut = 3, Closest = [new ClosePair(0, 1, 1, 0, 0.5)],
        };
        return [new("inspection.json", JsonSerializer.SerializeToUtf8Bytes(results, JsonSerializerOptions.Web))];
    }

    internal override void Read(string path) => DataInspection.Read(path);
}

/// <summary>Images that were decoded before: damage is told, and they are decoded again.</summary>
[CatalogEntry("image_cache", "the cache of decoded images")]
internal sealed class ImageCacheTarget : FuzzTarget
{
    private const string Key = "key", Entry = Key + ".sio-images", Picture = "pictures/a.png";

    internal override IEnumerable<Seed> Seeds()
    {
        var folder = Directory.CreateTempSubdirectory("sio-fuzz-cache-").FullName;
        try
        {
            new ImageSetCache(folder).Write(Key, new ImageSet("a", Arrays.Pixels(12), [-1], 3, 2, 2, 0));
            return [new(Entry, File.ReadAllBytes(Path.Combine(folder, Entry)))];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    internal override void Prepare(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "pictures"));
        File.WriteAllBytes(Path.Combine(folder, Picture), SeedFiles.Read("images/rgb8.png"));
    }

    internal override void Read(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        var told = string.Empty;
        if (new ImageSetCache(folder, text => told = text).TryRead(Key, ImageListing.FromFolder(Path.Combine(folder, "pictures")), "a") is null)
            throw new DataException(told);
    }
}
