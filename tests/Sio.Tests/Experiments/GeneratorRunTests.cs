using Sio.Data;
using Sio.Evaluation.Benchmarks;
using Sio.Experiments;
using Sio.Generation;
using Sio.Recipes;
using Sio.Tests.Data;

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
            Assert.Contains(recipe.Benchmark, Catalog<Benchmark>.Names);
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

    private static GeneratorRecipe Recipe(TempFolder folder, long[] labels, params string[] overrides)
    {
        var path = folder.File("own.npz");
        Npz.Write(path, ("images", NpyArray.Create(new byte[labels.Length * 8 * 8], labels.Length, 8, 8, 1)), ("labels", NpyArray.Create(labels)));
        return RecipeReader.Parse<GeneratorRecipe>($"benchmark: files\ndata:\n  train: '{path}'\n", overrides);
    }
}
