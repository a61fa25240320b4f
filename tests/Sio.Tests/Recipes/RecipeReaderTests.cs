using Sio.Recipes;

namespace Sio.Tests.Recipes;

public sealed class RecipeReaderTests
{
    [Theory]
    [InlineData("")]
    [InlineData("# only a comment\n")]
    [InlineData("---\n")]
    [InlineData("{}")]
    public void An_empty_recipe_is_all_defaults(string text) =>
        Assert.Equivalent(new SampleRecipe(), RecipeReader.Parse<SampleRecipe>(text), strict: true);

    [Fact]
    public void Every_kind_of_value_is_read()
    {
        const string Text = """
            seed: 7
            real_ratio: 1e-1
            order: walk_on
            note: 007
            optimizer:
              weight_decay: 1
              nesterov: false
              momentum: .5
              clip_norm: .inf
              steps: 9000000000
            detectors: [knn, 'a b']
            arms:
              - name: baseline
              - {name: sio, ratio: 0.8, optimizer: {learning_rate: 2}}
            settings:
              knn: {k: 50, scale: 1.0, on: true, name: x, quoted: "5", none: ~}
            stages: [[1], []]
            """;

        var recipe = RecipeReader.Parse<SampleRecipe>(Text);

        var expected = new SampleRecipe
        {
            Seed = 7,
            RealRatio = 0.1,
            Order = SampleOrder.WalkOn,
            Note = "007",
            Optimizer = new()
            {
                LearningRate = 0.05, // the owner's default, not the type's
                WeightDecay = 1,
                Nesterov = false,
                Momentum = 0.5f,
                ClipNorm = double.PositiveInfinity,
                Steps = 9_000_000_000,
            },
            Detectors = ["knn", "a b"],
            Arms = [new() { Name = "baseline" }, new() { Name = "sio", Ratio = 0.8, Optimizer = new() { LearningRate = 2 } }],
            Settings = new Dictionary<string, Dictionary<string, object?>>
            {
                ["knn"] = new() { ["k"] = 50L, ["scale"] = 1.0, ["on"] = true, ["name"] = "x", ["quoted"] = "5", ["none"] = null },
            },
            Stages = [[1], []],
        };
        Assert.Equivalent(expected, recipe, strict: true);
    }

    [Theory]
    [InlineData("epochs: 3\nlearing_ratio: 1", "r.yml:2:1: unknown key 'learing_ratio'; known keys here: seed, epochs, real_ratio, order, note, optimizer, detectors, arms, settings, stages")]
    [InlineData("optimizer:\n  learing_rate: 1", "r.yml:2:3: unknown key 'optimizer.learing_rate'; did you mean 'optimizer.learning_rate'?")]
    [InlineData("real-ratio: 1", "r.yml:1:1: unknown key 'real-ratio'; did you mean 'real_ratio'?")]
    [InlineData("weight_decay: 1", "r.yml:1:1: unknown key 'weight_decay'; did you mean 'optimizer.weight_decay'?")]
    [InlineData("optimizer: {xyz: 1}", "r.yml:1:13: unknown key 'optimizer.xyz'; known keys in 'optimizer': learning_rate, weight_decay, nesterov, momentum, clip_norm, steps")]
    [InlineData("arms: [{name: a, ration: 1}]", "r.yml:1:18: unknown key 'arms[0].ration'; did you mean 'arms[0].ratio'?")]
    [InlineData("computed: x", "r.yml:1:1: unknown key 'computed'; known keys here: seed, epochs, real_ratio, order, note, optimizer, detectors, arms, settings, stages")]
    public void An_unknown_key_is_refused_with_the_nearest_known_one(string text, string message) => Refused(text, message);

    [Theory]
    [InlineData("epochs: ten", "r.yml:1:9: 'epochs' must be a whole number, but is 'ten'")]
    [InlineData("epochs: 1e3", "r.yml:1:9: 'epochs' must be a whole number, but is '1e3'")]
    [InlineData("epochs: \"3\"", "r.yml:1:9: 'epochs' must be a whole number, but is the quoted text '3'")]
    [InlineData("epochs: 3000000000", "r.yml:1:9: 'epochs' must be a whole number from -2147483648 to 2147483647, but is '3000000000'")]
    [InlineData("epochs: [3]", "r.yml:1:9: 'epochs' must be a whole number, but is a list")]
    [InlineData("epochs:", "r.yml:1:8: 'epochs' has no value; it must be a whole number")]
    [InlineData("real_ratio: 0,8", "r.yml:1:13: 'real_ratio' must be a number, but is '0,8'")]
    [InlineData("real_ratio: 1e999", "r.yml:1:13: 'real_ratio' is too large a number: '1e999'")]
    [InlineData("optimizer: {nesterov: yes}", "r.yml:1:23: 'optimizer.nesterov' must be true or false, but is 'yes'")]
    [InlineData("optimizer: 3", "r.yml:1:12: 'optimizer' must be a mapping of keys, but is '3'")]
    [InlineData("optimizer:", "r.yml:1:11: 'optimizer' has no value; it must be a mapping of keys")]
    [InlineData("detectors: msp", "r.yml:1:12: 'detectors' must be a list, but is 'msp'")]
    [InlineData("detectors: [msp, null]", "r.yml:1:18: 'detectors[1]' has no value; it must be text")]
    [InlineData("settings: [a]", "r.yml:1:11: 'settings' must be a mapping of names to values, but is a list")]
    [InlineData("settings: {knn: {k: [1]}}", "r.yml:1:21: 'settings.knn.k' must be a single value, but is a list")]
    [InlineData("order: papr", "r.yml:1:8: 'order' must be one of paper, continuous, walk_on, but is 'papr'; did you mean 'paper'?")]
    [InlineData("order: 1", "r.yml:1:8: 'order' must be one of paper, continuous, walk_on, but is '1'")]
    [InlineData("- a", "r.yml:1:1: a recipe must be a mapping of keys, but is a list")]
    [InlineData("name: x\noptimizer: {lr: 3\n", "r.yml:2:12: not valid YAML: the '{' is never closed")]
    [InlineData("name: [a, {b: c\n", "r.yml:1:11: not valid YAML: the '{' is never closed")]
    [InlineData("name: [1, !!python/object:os.system]\n", "r.yml:1:9: not valid YAML from here on")]
    [InlineData("name: [a, [b], c\n", "r.yml:1:7: not valid YAML: the '[' is never closed")]
    public void A_value_of_the_wrong_type_is_refused(string text, string message) => Refused(text, message);

    [Theory]
    [InlineData("real_ratio: 1.5", "r.yml:1:13: 'real_ratio' must lie in [0, 1], but is 1.5")]
    [InlineData("real_ratio: .nan", "r.yml:1:13: 'real_ratio' must lie in [0, 1], but is .nan")]
    [InlineData("epochs: 0", "r.yml:1:9: 'epochs' must lie in [1, 1000], but is 0")]
    [InlineData("seed: -1", "r.yml:1:7: 'seed' must be at least 0, but is -1")]
    [InlineData("optimizer: {momentum: 1}", "r.yml:1:23: 'optimizer.momentum' must lie in [0, 1), but is 1")]
    public void A_value_out_of_range_is_refused(string text, string message) => Refused(text, message);

    [Theory]
    [InlineData("seed: 1\nseed: 2", "r.yml:2:1: duplicate key 'seed'; it is already set in line 1")]
    [InlineData("arms:\n  - ratio: 1", "r.yml:2:5: missing required key 'arms[0].name'")]
    [InlineData("seed: 1\n---\nseed: 2", "r.yml:2:1: a recipe file holds one document; a second one begins here")]
    [InlineData("seed: !!int 1", "r.yml:1:7: the tag 'tag:yaml.org,2002:int' is not supported; a key's type is known without it")]
    [InlineData("[a]: 1", "r.yml:1:1: a key must be a plain name")]
    [InlineData("note: *a", "r.yml:1:7: the alias '*a' names no complete value above it")]
    [InlineData("optimizer: &a {x: *a}", "r.yml:1:19: the alias '*a' names no complete value above it")]
    [InlineData("base: other.yml", "r.yml:1:1: 'base' needs a recipe file to be relative to")]
    public void A_malformed_recipe_is_refused(string text, string message) => Refused(text, message);

    [Theory]
    [InlineData("seed: [1")]
    [InlineData("seed: 'open")]
    [InlineData("a: b: c")]
    [InlineData("seed: @x")]
    public void Text_that_is_no_yaml_is_refused_in_one_line(string text)
    {
        var e = Assert.Throws<RecipeException>(() => RecipeReader.Parse<SampleRecipe>(text, name: "r.yml"));

        Assert.StartsWith($"r.yml:{e.Line}:{e.Column}: not valid YAML: ", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        Assert.True(e.Line > 0);
    }

    [Fact]
    public void Anchors_may_be_used_again()
    {
        var recipe = RecipeReader.Parse<SampleRecipe>("arms: [{name: a, optimizer: &o {momentum: 0.5}}, {name: b, optimizer: *o}]");

        Assert.Equal(recipe.Arms[0].Optimizer, recipe.Arms[1].Optimizer);
    }

    [Fact]
    public void Bombs_are_refused()
    {
        var deep = Assert.Throws<RecipeException>(() => RecipeReader.Parse<SampleRecipe>("detectors: " + new string('[', 100_000)));
        var lines = Enumerable.Range(1, 40).Select(i => $"k{i}: &a{i} [*a{i - 1}, *a{i - 1}]");
        var wide = Assert.Throws<RecipeException>(() => RecipeReader.Parse<SampleRecipe>("k0: &a0 x\n" + string.Join('\n', lines)));
        var large = Assert.Throws<RecipeException>(() => RecipeReader.Parse<SampleRecipe>("#" + new string('x', 1 << 20)));

        Assert.Contains("nested deeper than 32 levels", deep.Message, StringComparison.Ordinal);
        Assert.Contains("once its aliases are expanded", wide.Message, StringComparison.Ordinal);
        Assert.Contains("characters", large.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_exception_tells_place_and_key()
    {
        var e = Assert.Throws<RecipeException>(() => RecipeReader.Parse<SampleRecipe>("seed: 1\noptimizer: {steps: x}", name: "r.yml"));

        Assert.Equal(("r.yml", 2L, 20L, "optimizer.steps"), (e.Origin, e.Line, e.Column, e.Key));
        Assert.Equal("'optimizer.steps' must be a whole number, but is 'x'", e.Problem);
    }

    [Fact]
    public void A_property_s_own_guard_is_heard()
    {
        var e = Assert.Throws<RecipeException>(() => RecipeReader.Parse<SampleGuarded>("name: ''", name: "r.yml"));

        Assert.Equal("r.yml:1:7: 'name' was refused: a name has letters", e.Message);
    }

    [Fact]
    public void A_record_that_recipes_cannot_hold_is_the_programmer_s_fault() =>
        Assert.Throws<InvalidOperationException>(() => RecipeReader.Parse<SampleUnsupported>("when: 1"));

    private static void Refused(string text, string message)
    {
        var e = Assert.Throws<RecipeException>(() => RecipeReader.Parse<SampleRecipe>(text, name: "r.yml"));
        Assert.Equal(message, e.Message);
    }
}
