using Sio.Data;
using Sio.Engine;
using Sio.Evaluation.Generated;
using Sio.Generation;
using Sio.Recipes;
using Sio.Training;

namespace Sio.Experiments;

/// <summary>A generator's recipe with its images, checked and resolved: ready to be trained or to sample.</summary>
public sealed class GeneratorRun
{
    /// <summary>The name of the benchmark of one's own files.</summary>
    public const string Files = "files";

    private GeneratorRun(GeneratorRecipe recipe, ImageSet images, IReadOnlyList<int> labels)
    {
        Recipe = recipe;
        Images = images;
        Labels = labels;
    }

    /// <summary>The resolved recipe: nothing left to defaults.</summary>
    public GeneratorRecipe Recipe { get; }

    /// <summary>The real images to learn, labels from 0.</summary>
    public ImageSet Images { get; }

    /// <summary>For each class of <see cref="Images"/> the data set's own label, which samples get.</summary>
    public IReadOnlyList<int> Labels { get; }

    /// <summary>Fills in what a recipe leaves open, and loads its images.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="cancellation">Stops between files and pictures.</param>
    /// <exception cref="RecipeException">The recipe contradicts itself.</exception>
    /// <exception cref="UnknownNameException">A benchmark or family does not exist.</exception>
    /// <exception cref="DataException">Images are missing or damaged, or no generator can be trained on them.</exception>
    public static GeneratorRun Prepare(GeneratorRecipe recipe, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        if (!Catalog<GeneratorModel>.Names.Contains(recipe.Model))
            throw new UnknownNameException("Generator", recipe.Model, Catalog<GeneratorModel>.Names);
        if (recipe.Training.KeepSnapshots.Any(share => !(share > 0 && share < 1)))
            throw new RecipeException("training.keep_snapshots has a share that is not above 0 and below 1");
        recipe = ResolvePlace(recipe);
        var (images, labels) = Load(recipe, cancellation);
        _ = GeneratorShape.Of(images);
        return new GeneratorRun(recipe, images, labels);
    }

    /// <summary>Trains into a folder, which holds the resolved recipe from the start.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="resume">Go on from the folder's checkpoint, if there is one.</param>
    /// <param name="observer">Is told each step.</param>
    /// <param name="cancellation">Stops after the step under way, with a checkpoint.</param>
    /// <returns>Seconds that training took, interruptions left out.</returns>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    /// <exception cref="TrainingFailedException">The generator has diverged or collapsed.</exception>
    /// <exception cref="DataException">The folder cannot be written, belongs to another recipe, or another process trains there.</exception>
    public double Train(GeneratorFolder folder, bool resume, RunObserver? observer = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        observer ??= new RunObserver();
        TorchRuntime.Threads = Recipe.Threads;
        var trainer = new GeneratorTrainer(Recipe.Settings, Images, Recipe.Seed)
        {
            Device = Devices.Parse(Recipe.Device),
            Progress = observer.Trained,
            Measure = Images.Count >= SampleRecall.LeastImages ? new SampleRecall(Images, Recipe.Seed).Of : null,
        };
        folder.Create();
        using var own = folder.Lock();
        if (resume && File.Exists(folder.RecipePath) && File.Exists(folder.Checkpoint.LastPath))
            Run.CheckSameRecipe(RecipeReader.Read<GeneratorRecipe>(folder.RecipePath), Recipe, folder.Path);
        else if (!resume)
            folder.Clear();
        AtomicFile.WriteAllText(folder.RecipePath, RecipeWriter.Write(Recipe));
        GeneratorJson.Write(folder.DataPath, LearntImages.Of(Images, Labels));
        var (model, seconds) = trainer.Run(folder.Path, resume, cancellation);
        model.Dispose();
        return seconds;
    }

    /// <summary>Fills in threads and paths, and checks the device: by the rules of a classifier's recipe.</summary>
    internal static GeneratorRecipe ResolvePlace(GeneratorRecipe recipe)
    {
        var resolved = Run.Resolve(new Recipe { Data = recipe.Data, Threads = recipe.Threads, Device = recipe.Device });
        return recipe with { Data = resolved.Data, Threads = resolved.Threads };
    }

    private static (ImageSet Images, IReadOnlyList<int> Labels) Load(GeneratorRecipe recipe, CancellationToken cancellation)
    {
        if (recipe.Benchmark != Files)
        {
            var data = Run.LoadData(new Recipe { Benchmark = recipe.Benchmark, Data = recipe.Data }, cancellation);
            return (data.Train, data.SyntheticLabels ?? [.. Enumerable.Range(0, data.Train.ClassCount)]);
        }

        // Test and OOD sets, which the benchmark asks for, are no matter of a generator.
        var set = SyntheticSet.LoadAsStored(recipe.Data.Train ?? throw new DataException("the benchmark 'files' needs data.train: an .npz or a folder with images.npy and labels.npy"), null, cancellation: cancellation);
        if (recipe.Data.TrainImages is { } wanted && wanted > set.Count)
            throw new DataException($"{set.Name} has {set.Count} images, {wanted} were asked for");
        return (recipe.Data.TrainImages is { } count && count < set.Count ? set.Take(count, recipe.Data.SubsetSeed) : set, [.. Enumerable.Range(0, set.ClassCount)]);
    }
}
