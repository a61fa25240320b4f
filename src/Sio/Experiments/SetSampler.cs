using System.Security.Cryptography;
using Sio.Data;
using Sio.Engine;
using Sio.Generation;
using Sio.Recipes;

namespace Sio.Experiments;

/// <summary>Makes sets of samples with a trained generator. The real images need not be at hand.</summary>
public static class SetSampler
{
    /// <summary>Makes a set, or a piece of it.</summary>
    /// <param name="folder">The generator's run.</param>
    /// <param name="snapshot">Step of the weights to use; the last ones when null.</param>
    /// <param name="perClass">Images of each class in the whole set.</param>
    /// <param name="seed">Seed of the samples.</param>
    /// <param name="from">Place of the first image in the whole set.</param>
    /// <param name="count">Images to make; all from there on when null.</param>
    /// <param name="overrides">Recipe keys that change where it is computed, such as <c>device=cpu</c> and <c>threads=2</c>, and how samples are drawn.</param>
    /// <param name="observer">Is told how many images are made.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="DataException">There is no trained generator, it is damaged, or the set has no such piece.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public static SampledSet Sample(
        GeneratorFolder folder, long? snapshot, int perClass, int seed, int from = 0, int? count = null, IEnumerable<string>? overrides = null,
        RunObserver? observer = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentOutOfRangeException.ThrowIfLessThan(perClass, 1);
        foreach (var file in new[] { folder.DataPath, folder.RecipePath })
        {
            if (!File.Exists(file))
                throw new DataException($"{folder.Path} is no generator's run: {file} is missing");
        }

        var trained = RecipeReader.Read<GeneratorRecipe>(folder.RecipePath);
        var recipe = GeneratorRun.ResolvePlace(RecipeReader.Read<GeneratorRecipe>(folder.RecipePath, overrides));
        var data = GeneratorJson.Read<LearntImages>(folder.DataPath, value => value.IsPossible);
        var total = (long)perClass * data.Labels.Count;
        if (total > int.MaxValue)
            throw new DataException($"{perClass} images of each of {data.Labels.Count} classes are more than a set can have, at most {int.MaxValue}");
        if (from < 0 || from >= total || count < 1 || from + (long)(count ?? 1) > total)
            throw new DataException($"a set of {total} images, numbered from 0, has no piece of {count ?? 1} from {from} on");
        var wanted = count ?? (int)(total - from);
        TorchRuntime.Threads = recipe.Threads;
        var device = Devices.Parse(recipe.Device);
        using var model = GeneratorTrainer.NewModel(recipe.Settings, data.Shape, recipe.Seed, device);
        var weights = snapshot is { } at ? folder.Checkpoint.SnapshotPath(at) : folder.Checkpoint.ModelPath;
        var steps = folder.Checkpoint.LoadReleased(weights, model);
        var samples = new GeneratorSampler(model, seed, device).Sample(from, wanted, done => observer?.Evaluated(done, wanted), cancellation);
        return SampledSet.Of(samples, new SampleProvenance
        {
            Commands = [],
            Generator = recipe.Model,
            Sampler = model.Sampler,
            Data = data,
            WeightsSha256 = Hash(weights),
            Steps = steps,
            Seed = seed,
            PerClass = perClass,
            From = from,
            Count = wanted,
            Threads = recipe.Threads,
            Device = recipe.Device,
            LibTorch = TorchRuntime.Version,
            ImagesSha256 = string.Empty,
            LabelsSha256 = string.Empty,
            // With the sampler's settings as they were used, and all others as they shaped the weights: trained by this recipe, the same set comes out.
            Recipe = RecipeWriter.Write(trained with { Diffusion = trained.Diffusion with { Sampling = recipe.Diffusion.Sampling } }, comments: false),
        });
    }

    private static string Hash(string path)
    {
        using var file = InputFile.Open(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
