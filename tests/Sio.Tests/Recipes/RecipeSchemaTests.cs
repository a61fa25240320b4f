using Sio.Recipes;

namespace Sio.Tests.Recipes;

public sealed class RecipeSchemaTests
{
    [Theory]
    [InlineData("LearningRate", "learning_rate")]
    [InlineData("Fpr95", "fpr95")]
    [InlineData("Seed", "seed")]
    public void Keys_are_snake_case(string property, string key) => Assert.Equal(key, RecipeSchema.KeyName(property));

    [Fact]
    public void Help_lists_every_key_with_its_default()
    {
        var keys = RecipeSchema.Describe<SampleRecipe>();

        Assert.Equal(
            new RecipeKey("real_ratio", "a number", "0.8", "lie in [0, 1]", "Share of real images in each batch.", false),
            keys.Single(k => k.Path == "real_ratio"));
        Assert.Equal("0.05", keys.Single(k => k.Path == "optimizer.learning_rate").Default);
        Assert.True(keys.Single(k => k.Path == "arms[].name").Required);
        Assert.Equal("[msp, ebo]", keys.Single(k => k.Path == "detectors").Default);
        Assert.Equal(
            ["seed", "epochs", "real_ratio", "order", "note", "optimizer"],
            keys.Where(k => !k.Path.Contains('.', StringComparison.Ordinal)).Take(6).Select(k => k.Path));
        Assert.Contains(keys, k => k.Path == "arms[].optimizer.momentum");
    }
}
