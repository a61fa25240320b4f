using Sio.Data;
using Sio.Experiments;
using Sio.Fuzz.Mutation;
using Sio.Fuzz.Seeds;
using Sio.Networks;
using Sio.Nn;
using Sio.Recipes;
using static TorchSharp.torch;

namespace Sio.Fuzz.Targets;

/// <summary>A small benchmark of files, and a network on it.</summary>
internal static class SmallRun
{
    internal static void Write(string folder)
    {
        foreach (var name in (string[])["train", "test", "cats"])
            File.WriteAllBytes(Path.Combine(folder, name + ".npz"), Arrays.Npz(packed: true, ("images", NpyArray.Create(Arrays.Pixels(3 * 28 * 28), 3, 28, 28, 1)), ("labels", NpyArray.Create(new long[] { 0, 1, 2 }))));
    }

    internal static Run Prepare(string folder) => Run.Prepare(RecipeReader.Parse<Recipe>(
        $"""
        benchmark: files
        threads: 1
        data:
          train: '{Path.Combine(folder, "train.npz")}'
          test: '{Path.Combine(folder, "test.npz")}'
          near:
            cats: '{Path.Combine(folder, "cats.npz")}'
        network:
          name: lenet
        training:
          epochs: 1
          batch_size: 2
        """));
}

/// <summary>Weights that <c>sio import</c> takes.</summary>
[CatalogEntry("weights_import", "weights that sio import takes")]
internal sealed class WeightsImportTarget : FuzzTarget
{
    private readonly Dictionary<string, Run> _runs = new(StringComparer.Ordinal);

    internal override bool IsDear => true;

    internal override bool MakesTensors => true;

    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, new SafetensorsHeaders(), new SafetensorsHeaders()];

    internal override IEnumerable<Seed> Seeds()
    {
        using var scope = NewDisposeScope();
        using var network = Catalog<Classifier>.Create("lenet", new ClassifierShape(1, 28, 28, 3), null);
        (string Name, Tensor Value)[] own = [.. network.StateDict().Select(entry => (entry.Name, zeros(entry.Value.shape, entry.Value.dtype)))];
        yield return new("weights.safetensors", SafetensorsTarget.Bytes(own, new() { ["format"] = "pt" }));
        yield return new("weights.safetensors", SafetensorsTarget.Bytes([.. own.Select(entry => ("state_dict.module." + entry.Name, entry.Value))], []));
        yield return new("weights.safetensors", SeedFiles.Read("torch/state_dict.pth"), IsValid: false);
    }

    internal override void Prepare(string folder) => SmallRun.Write(folder);

    internal override void Read(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (!_runs.TryGetValue(folder, out var run))
            _runs[folder] = run = SmallRun.Prepare(folder);
        WeightsImport.Import(run, path, new RunFolder(Path.Combine(folder, "run")));
    }
}

/// <summary>Checkpoints of a run, from which training goes on.</summary>
[CatalogEntry("checkpoint", "checkpoints and recipe of a run that is resumed")]
internal sealed class CheckpointTarget : FuzzTarget
{
    private static readonly string s_last = Path.Combine("run", "checkpoint", "last.safetensors"), s_model = Path.Combine("run", "checkpoint", "model.safetensors"), s_recipe = Path.Combine("run", "recipe.yml");
    private readonly Dictionary<string, Run> _runs = new(StringComparer.Ordinal);

    internal override bool IsDear => true;

    internal override bool MakesTensors => true;

    internal override IReadOnlyList<Mutator> Mutators => [Mutation.Mutators.Binary, new SafetensorsHeaders(), new SafetensorsHeaders(), new SafetensorsHeaders()];

    internal override IEnumerable<Seed> Seeds()
    {
        var folder = Directory.CreateTempSubdirectory("sio-fuzz-run-").FullName;
        try
        {
            Prepare(folder);
            return [.. new[] { s_last, s_model }.Select(file => new Seed(file, File.ReadAllBytes(Path.Combine(folder, file)))), new(s_recipe, File.ReadAllBytes(Path.Combine(folder, s_recipe)), IsValid: false)];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    internal override void Prepare(string folder)
    {
        SmallRun.Write(folder);
        SmallRun.Prepare(folder).Train(new RunFolder(Path.Combine(folder, "run")), resume: false);
    }

    internal override void Read(string path)
    {
        var root = path[..path.LastIndexOf(Path.DirectorySeparatorChar + "run" + Path.DirectorySeparatorChar, StringComparison.Ordinal)];
        if (!_runs.TryGetValue(root, out var run))
            _runs[root] = run = SmallRun.Prepare(root);
        var folder = new RunFolder(Path.Combine(root, "run"));
        if (path.EndsWith(s_model, StringComparison.Ordinal))
            run.LoadModel(folder).Dispose();
        else if (path.EndsWith(s_recipe, StringComparison.Ordinal))
            Run.Resolve(RecipeReader.Read<Recipe>(path));
        else
            Resume(run, folder);
    }

    // The steps are done already: what is read is all that happens.
    private static void Resume(Run run, RunFolder folder)
    {
        _ = folder.Checkpoint.ReadState();
        run.Train(folder, resume: true);
    }
}
