using Sio.Recipes;

namespace Sio.Tests.Recipes;

public sealed class RecipeBaseTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sio-recipes-").FullName;

    public void Dispose() => Directory.Delete(folder, true);

    [Fact]
    public void A_chain_of_bases_is_merged_from_below()
    {
        File("deep/root.yml", "seed: 1\nepochs: 5\noptimizer: {learning_rate: 0.1, weight_decay: 0.2}\ndetectors: [a, b]");
        File("middle.yml", "base: deep/root.yml\nepochs: 6\noptimizer: {weight_decay: 0.3}");
        var top = File("top.yml", "base: middle.yml\noptimizer: {steps: 9}\ndetectors: [c]");

        var recipe = RecipeReader.Read<SampleRecipe>(top, ["epochs=7"]);

        Assert.Equal((1, 7), (recipe.Seed, recipe.Epochs));
        Assert.Equal(new SampleOptimizer { LearningRate = 0.1, WeightDecay = 0.3, Steps = 9 }, recipe.Optimizer);
        Assert.Equal(["c"], recipe.Detectors);
    }

    [Fact]
    public void A_fault_in_a_base_is_placed_there()
    {
        var below = File("below.yml", "seed: 1\nepoch: 5");
        var top = File("top.yml", "base: below.yml");

        var e = Assert.Throws<RecipeException>(() => RecipeReader.Read<SampleRecipe>(top));

        Assert.Equal($"{below}:2:1: unknown key 'epoch'; did you mean 'epochs'?", e.Message);
    }

    [Fact]
    public void Circles_are_refused()
    {
        var a = File("a.yml", "base: b.yml");
        var b = File("b.yml", "seed: 1\nbase: a.yml");

        var e = Assert.Throws<RecipeException>(() => RecipeReader.Read<SampleRecipe>(a));

        Assert.Equal($"{b}:2:7: 'base' goes in a circle: a.yml -> b.yml -> a.yml", e.Message);
    }

    [Fact]
    public void Missing_files_are_named()
    {
        var top = File("top.yml", "base: gone.yml");
        var gone = Path.Combine(folder, "gone.yml");

        var based = Assert.Throws<RecipeException>(() => RecipeReader.Read<SampleRecipe>(top));
        var direct = Assert.Throws<RecipeException>(() => RecipeReader.Read<SampleRecipe>(gone));

        Assert.Equal($"{top}:1:7: recipe '{gone}' not found", based.Message);
        Assert.Equal($"{gone}: recipe not found", direct.Message);
    }

    [Theory]
    [InlineData("base:", "1:6: 'base' must be the path of a recipe, but is empty")]
    [InlineData("base: [a]", "1:7: 'base' must be the path of a recipe, but is a list")]
    public void A_base_must_be_a_path(string text, string message)
    {
        var top = File("top.yml", text);

        var e = Assert.Throws<RecipeException>(() => RecipeReader.Read<SampleRecipe>(top));

        Assert.Equal($"{top}:{message}", e.Message);
    }

    [Fact]
    public void A_folder_and_a_huge_file_are_refused()
    {
        var huge = File("huge.yml", "#" + new string('x', 5 << 20));

        Assert.Contains("cannot be read", Assert.Throws<RecipeException>(() => RecipeReader.Read<SampleRecipe>(folder)).Message, StringComparison.Ordinal);
        Assert.Contains("bytes", Assert.Throws<RecipeException>(() => RecipeReader.Read<SampleRecipe>(huge)).Message, StringComparison.Ordinal);
    }

    private string File(string name, string text)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, text);
        return path;
    }
}
