using Sio.Data.Store;
using Sio.Evaluation.Benchmarks;
using Sio.Experiments;
using Sio.Experiments.Reproduction;
using Sio.Recipes;

namespace Sio.Fuzz.Targets;

/// <summary>A kind of YAML file.</summary>
internal abstract class YamlTarget(string name, string file, params string[] seeds) : FuzzTarget
{
    internal override string Name => name;

    internal override string FileName => file;

    internal override bool IsText => true;

    internal override IReadOnlyList<byte[]> Seeds() => [.. seeds.Select(Text)];
}

/// <summary>Recipes of runs.</summary>
internal sealed class RecipeTarget() : YamlTarget(
    "yaml-recipe", "recipe.yml",
    "name: mine\nseed: 3\nbenchmark: files\ndata:\n  train: a.npz\n  test: b.npz\n  near: {x: c.npz}\n  far:\n    y: d.npz\nnetwork: {name: lenet}\ntraining:\n  epochs: 3\n  milestones: [1, 2]\n  mean: [0.5]\nevaluation:\n  detectors: [msp, knn]\n",
    "objective:\n  name: logitnorm\n  settings: {tau: 0.04}\nsynthetic: {path: 'x.npz', real_ratio: 0.8}\n")
{
    // A name that is not known is told with those that are.
    internal override bool NamesFile => false;

    internal override void Read(string path) => Run.Resolve(RecipeReader.Read<Recipe>(path));
}

/// <summary>Recipes of generators.</summary>
internal sealed class GeneratorRecipeTarget() : YamlTarget(
    "yaml-generator", "generator.yml", "model: gan\nbenchmark: fashion_mnist_6_4\nseed: 1\ntraining: {steps: 100, batch_size: 8}\ngan: {latent: 8}\n", "model: diffusion\ndiffusion: {augment: [flip]}\n")
{
    internal override void Read(string path) => RecipeReader.Read<GeneratorRecipe>(path);
}

/// <summary>Benchmarks.</summary>
internal sealed class BenchmarkTarget() : YamlTarget(
    "yaml-benchmark", "bench.yml",
    "size: 32\nshorter_side: 36\nchannels: 3\ntrain: set:cifar10/train | train\ntest: test.npz\nnear: {a: held-out}\nfar:\n  b: 'made-up:blobs'\nclasses: random 6 of 10\nnormalization: {mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2]}\n",
    "train: a\ntest: b\nclasses: 0, 1, 5-8\nignored_classes: 2-3\ndetector_settings: [vim.dim=3]\n")
{
    internal override void Read(string path) => BenchmarkFile.Read(path);
}

/// <summary>Data sets.</summary>
internal sealed class DataSetTarget() : YamlTarget(
    "yaml-set", "set.yml",
    "summary: a set\nhomepage: https://example.org/\nlicence: none\nstrip: folder\nholds: [a, b/c]\nmax_bytes: 1000\nfiles:\n  - name: x.zip\n    addresses: ['https://example.org/x.zip', 'gdrive:abc']\n    bytes: 12\n    md5: 00000000000000000000000000000000\n    unpack: zip\n")
{
    internal override void Read(string path) => DataSetInfo.Parse("set", File.ReadAllText(path), path);
}

/// <summary>Tables of runs.</summary>
internal sealed class TableTarget() : YamlTarget(
    "yaml-table", "table.yml", File.ReadAllText(Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "recipes", "tables"), "*.yml").Order(StringComparer.Ordinal).First()))
{
    internal override void Read(string path) => TableFile.Read(path);
}
