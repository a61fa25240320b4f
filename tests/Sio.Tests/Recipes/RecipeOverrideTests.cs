using Sio.Recipes;

namespace Sio.Tests.Recipes;

public sealed class RecipeOverrideTests
{
    [Fact]
    public void Overrides_are_laid_over_the_recipe_in_order()
    {
        string[] overrides =
            ["optimizer.learning_rate=0.5", "seed=3", "seed=4", "settings.knn.k=50", "detectors=[a, b]", "note=x=y", "optimizer={steps: 5}"];

        var recipe = RecipeReader.Parse<SampleRecipe>("optimizer: {momentum: 0.5}\nsettings: {knn: {p: 1}}", overrides);

        Assert.Equal(new SampleOptimizer { LearningRate = 0.5, Momentum = 0.5f, Steps = 5 }, recipe.Optimizer);
        Assert.Equal(4, recipe.Seed);
        Assert.Equal("x=y", recipe.Note);
        Assert.Equal(["a", "b"], recipe.Detectors);
        Assert.Equal([("p", 1L), ("k", 50L)], recipe.Settings["knn"].Select(s => (s.Key, (long)s.Value!)));
    }

    [Fact]
    public void An_empty_value_is_null() =>
        Assert.Null(RecipeReader.Parse<SampleRecipe>("note: x", ["note="]).Note);

    [Theory]
    [InlineData("optimizer.learning_rat=1", "--set optimizer.learning_rat=1: unknown key 'optimizer.learning_rat'; did you mean 'optimizer.learning_rate'?")]
    [InlineData("weight_decay=1", "--set weight_decay=1: unknown key 'weight_decay'; did you mean 'optimizer.weight_decay'?")]
    [InlineData("optimizer.nesterov=1", "--set optimizer.nesterov=1: 'optimizer.nesterov' must be true or false, but is '1'")]
    [InlineData("seed.x=1", "--set seed.x=1: 'seed' must be a whole number, but is a mapping")]
    [InlineData("seed", "--set seed: expected key=value, the key a dotted path as in optimizer.lr=0.05")]
    [InlineData("=3", "--set =3: expected key=value, the key a dotted path as in optimizer.lr=0.05")]
    [InlineData("a..b=3", "--set a..b=3: expected key=value, the key a dotted path as in optimizer.lr=0.05")]
    [InlineData("base=x.yml", "--set base=x.yml: 'base' can only stand in a recipe file")]
    public void A_wrong_override_is_named(string given, string message)
    {
        var e = Assert.Throws<RecipeException>(() => RecipeReader.Parse<SampleRecipe>("seed: 1", [given]));
        Assert.Equal(message, e.Message);
    }

    [Fact]
    public void What_an_override_leaves_missing_is_missed_in_the_file()
    {
        var e = Assert.Throws<RecipeException>(() => RecipeReader.Parse<SampleArm>("ratio: 1", ["ratio=0.5"], "r.yml"));
        Assert.Equal("r.yml:1:1: missing required key 'name'", e.Message);
    }
}
