using Sio.Data.Store;
using Sio.Evaluation.Benchmarks;
using Sio.Experiments;
using Sio.Experiments.Reproduction;
using Sio.Fuzz.Mutation;
using Sio.Fuzz.Seeds;
using Sio.Recipes;

namespace Sio.Fuzz.Targets;

/// <summary>YAML that people write.</summary>
internal abstract class YamlTarget(string file) : FuzzTarget
{
    internal sealed override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Yaml, Mutation.Mutators.Yaml, Mutation.Mutators.Yaml, Mutation.Mutators.Binary];

    internal sealed override IEnumerable<Seed> Seeds() => Texts().Select(text => new Seed(file, Archives.Text(text)));

    private protected abstract IEnumerable<string> Texts();
}

/// <summary>Recipes of trainings.</summary>
[CatalogEntry("recipe", "recipes of trainings, YAML")]
internal sealed class RecipeTarget() : YamlTarget("recipe.yml")
{
    private protected override IEnumerable<string> Texts() =>
    [
        "name: a\nbenchmark: fashion_mnist_6_4\nseed: 3\nthreads: 1\n",
        "synthetic: {path: x.npz, real_ratio: 0.5}\ntraining:\n  epochs: 2\n  learning_rate: 0.1\n  schedule: step\n  milestones: [1]\nnetwork:\n  name: lenet\n",
        "# a comment\ndata: &d\n  train: a.npz | b.npz\n  near: {cats: c.npz, \"d o g\": 'd.npz'}\nobjective:\n  name: logitnorm\nevaluation:\n  detectors: [msp, knn]\n  settings: [knn.k=5]\n",
    ];

    internal override void Read(string path)
    {
        var recipe = RecipeReader.Read<Recipe>(path);
        var text = RecipeWriter.Write(recipe);
        if (RecipeWriter.Write(RecipeReader.Parse<Recipe>(text)) != text)
            throw new InvalidOperationException("the recipe comes back as another one when it was written");
        _ = IdleKeys.Warnings(recipe).Count();
    }
}

/// <summary>Recipes of generators.</summary>
[CatalogEntry("generator_recipe", "recipes of generators, YAML")]
internal sealed class GeneratorRecipeTarget() : YamlTarget("generator.yml")
{
    private protected override IEnumerable<string> Texts() =>
        ["name: a\nmodel: gan\nseed: 1\ntraining:\n  steps: 10\n  batch_size: 8\n  keep_snapshots: [0.5]\ngan:\n  generator_channels: 8\n", "model: diffusion\ndiffusion: {}\ndata:\n  train: x.npz\n"];

    internal override void Read(string path) => RecipeWriter.Write(RecipeReader.Read<GeneratorRecipe>(path));
}

/// <summary>Descriptions of data sets.</summary>
[CatalogEntry("data_set_file", "descriptions of data sets, YAML")]
internal sealed class DataSetFileTarget() : YamlTarget("own.yml")
{
    private protected override IEnumerable<string> Texts() =>
    [
        $"summary: a\nhomepage: https://localhost\nlicence: none\nfiles:\n  - name: a.zip\n    addresses: [https://localhost/a.zip]\n    bytes: 12\n    sha256: {new string('a', 64)}\n    unpack: zip\n",
        "summary: b\nhomepage: h\nlicence: l\nplace: b/c\nstrip: top\nholds: [x, y/z]\nmax_bytes: 1000\nfiles:\n  - {name: b.txt, addresses: [gdrive:abc, 'http://localhost/b']}\n",
    ];

    internal override void Read(string path) => DataSetCatalog.Load(Path.GetDirectoryName(path));
}

/// <summary>Descriptions of benchmarks.</summary>
[CatalogEntry("benchmark_file", "descriptions of benchmarks, YAML")]
internal sealed class BenchmarkFileTarget() : YamlTarget("benchmark.yml")
{
    private protected override IEnumerable<string> Texts() =>
    [
        "train: a.npz\ntest: b.npz\nnear:\n  c: c.npz\nfar:\n  d: d | e\nsize: 32\nshorter_side: 36\nnormalization: {mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2]}\n",
        "name: b\nclasses: random 6 of 10\nignored_classes: 9\ntrain: set:mnist/train\ntest: set:mnist/test\nnear: {held: held-out}\nchannels: 1\n",
        "classes: 0, 2, 4-6\ntrain: openood:x/train.txt#classes\ntest: t\nvalidation_from_test: 0.1\nshifted_id: {s: s.npz}\n",
    ];

    internal override void Read(string path)
    {
        var file = BenchmarkFile.Read(path);
        _ = file.Groups(path);
        if (file.Rule is { } rule)
            _ = rule.HeldOut(rule.Classes, 1);
    }
}

/// <summary>Tables of experiments.</summary>
[CatalogEntry("table_file", "tables of experiments, YAML")]
internal sealed class TableFileTarget() : YamlTarget("table.yml")
{
    private const string Recipe = "training.yml";

    internal override void Prepare(string folder) => File.WriteAllText(Path.Combine(folder, Recipe), "benchmark: fashion_mnist_6_4\ntraining: {epochs: 1}\n");

    private protected override IEnumerable<string> Texts() =>
        [$"title: t\ntrain_images: 100\nruns: 2\ntrainings:\n  ce: {Recipe}\nsio: [synthetic.real_ratio=0.8]\nfast: [training.epochs=1]\nrows:\n  - {{group: g, method: MSP, training: ce, detector: msp}}\n  - {{group: g, method: KNN, training: ce, detector: knn}}\n"];

    internal override void Read(string path)
    {
        var table = TableFile.Read(path);
        TablePlan.Create(table, new TableOptions { DryRun = true, Arms = [TablePlan.Baseline], Fast = table.Fast.Count > 0 });
    }
}

/// <summary>Overrides on the command line.</summary>
[CatalogEntry("recipe_override", "what stands behind --set")]
internal sealed class RecipeOverrideTarget : FuzzTarget
{
    internal override bool HasNoFile => true;

    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Text, Mutation.Mutators.Text, Mutation.Mutators.Binary];

    internal override IEnumerable<Seed> Seeds() =>
        [.. new[] { "training.epochs=3", "synthetic.real_ratio=0.25", "data.near={a: b}", "evaluation.detectors=[msp, knn]", "name='x y'" }.Select(text => new Seed("override.txt", Archives.Text(text)))];

    internal override void Read(string path) => RecipeReader.Parse<Recipe>("seed: 1\n", [File.ReadAllText(path)]);
}
