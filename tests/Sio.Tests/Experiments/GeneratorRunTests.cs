using Sio.Data;
using Sio.Evaluation.Benchmarks;
using Sio.Experiments;
using Sio.Generation;
using Sio.Recipes;
using Sio.Tests.Data;
using Sio.Training;

namespace Sio.Tests.Experiments;

public sealed class GeneratorRunTests
{
    [Fact]
    public void Every_shipped_recipe_can_be_read_and_names_what_exists()
    {
        var recipes = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "recipes", "generators"), "*.yml");
        Assert.NotEmpty(recipes);
        foreach (var path in recipes)
        {
            var recipe = RecipeReader.Read<GeneratorRecipe>(path);
            Assert.Contains(recipe.Benchmark, BenchmarkCatalog.Names);
            Assert.Contains(recipe.Model, Catalog<GeneratorModel>.Names);
            Assert.Equal(RecipeWriter.Write(recipe), RecipeWriter.Write(RecipeReader.Parse<GeneratorRecipe>(RecipeWriter.Write(recipe))));
        }
    }

    [Fact]
    public void A_set_of_ones_own_is_learnt_whole_or_in_part()
    {
        using var folder = new TempFolder();
        var whole = GeneratorRun.Prepare(Recipe(folder, [0, 1, 0, 1, 0, 1, 0, 1]));
        Assert.Equal((8, 2), (whole.Images.Count, whole.Images.ClassCount));
        Assert.Equal([0, 1], whole.Labels);
        Assert.True(Path.IsPathFullyQualified(whole.Recipe.Data.Train!));
        Assert.True(whole.Recipe.Threads > 0);
        Assert.Equal([2, 2], GeneratorRun.Prepare(Recipe(folder, [0, 1, 0, 1, 0, 1, 0, 1], "data.train_images=4")).Images.CountPerClass());
        Assert.Contains("8 images, 9 were asked for", Refusal<DataException>("data.train_images=9"), StringComparison.Ordinal);
        Assert.Contains("has 1 of 2 images", Refusal<DataException>("data.train_images=2"), StringComparison.Ordinal);
        Assert.Contains("keep_snapshots", Refusal<RecipeException>("training.keep_snapshots=[0.5, 1]"), StringComparison.Ordinal);
        Assert.Contains("no generator 'gam'", Refusal<UnknownNameException>("model=gam"), StringComparison.Ordinal);
        Assert.Contains("needs data.train", Refusal<DataException>("data.train=null"), StringComparison.Ordinal);

        string Refusal<T>(string setting)
            where T : Exception => Assert.Throws<T>(() => GeneratorRun.Prepare(Recipe(folder, [0, 1, 0, 1, 0, 1, 0, 1], setting))).Message;
    }

    [Fact]
    public void A_gan_is_watched_for_collapse_while_it_is_trained()
    {
        using var folder = new TempFolder();
        // Four steps from nothing: its grey samples are like none of the black images.
        var run = GeneratorRun.Prepare(Recipe(
            folder, [0, 1, 0, 1], "threads=1", "training.steps=4", "training.batch_size=2", "training.check_every_steps=2", "training.check_from=0", "training.sheet_every_steps=0",
            "gan.generator_channels=4", "gan.discriminator_channels=4"));
        var place = new GeneratorFolder(folder.File("run"));
        var error = Assert.Throws<TrainingFailedException>(() => run.Train(place, resume: false)).Message;
        Assert.StartsWith("the generator has collapsed: recall of real images is ", error, StringComparison.Ordinal);
        Assert.Contains("coverage 0.000 at step 4", error, StringComparison.Ordinal);
        Assert.Equal(2, File.ReadLines(Path.Combine(place.Path, "log.jsonl")).Count(line => line.Contains("\"event\":\"check\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void Provenance_tells_the_sampling_that_was_used_and_the_training_that_was_not_changed()
    {
        using var folder = new TempFolder();
        var run = GeneratorRun.Prepare(Recipe(
            folder, [0, 1, 0, 1], "model=diffusion", "threads=1", "training.steps=1", "training.batch_size=2", "training.sheet_every_steps=0", "diffusion.channels=4", "diffusion.blocks=1"));
        var place = new GeneratorFolder(folder.File("run"));
        run.Train(place, resume: false);
        var set = SetSampler.Sample(place, snapshot: null, perClass: 1, seed: 0, overrides: ["diffusion.sampling.steps=3", "diffusion.noise_mean=0.5"]);
        var told = RecipeReader.Parse<GeneratorRecipe>(set.Provenance.Recipe).Diffusion;
        Assert.Equal((3, -1.2), (told.Sampling.Steps, told.NoiseMean));
    }

    private static GeneratorRecipe Recipe(TempFolder folder, long[] labels, params string[] overrides)
    {
        var path = folder.File("own.npz");
        Npz.Write(path, ("images", NpyArray.Create(new byte[labels.Length * 8 * 8], labels.Length, 8, 8, 1)), ("labels", NpyArray.Create(labels)));
        return RecipeReader.Parse<GeneratorRecipe>($"benchmark: files\ndata:\n  train: '{path}'\n", overrides);
    }
}
