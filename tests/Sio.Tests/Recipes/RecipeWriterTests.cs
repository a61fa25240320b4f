using FsCheck;
using FsCheck.Fluent;
using Sio.Recipes;

namespace Sio.Tests.Recipes;

public sealed class RecipeWriterTests
{
    [Fact]
    public void A_resolved_recipe_explains_itself()
    {
        var recipe = new SampleRecipe
        {
            RealRatio = 1e-5,
            Note = "yes",
            Arms = [new() { Name = "baseline" }, new() { Name = "sio: 0.8", Ratio = 1 }],
            Settings = new Dictionary<string, Dictionary<string, object?>>
            {
                ["knn"] = new() { ["k"] = 50L, ["5"] = "5", ["none"] = null },
                ["ebo"] = [],
            },
        };

        const string Expected = """
            # A training run.
            # In two lines.

            # Random seed. Must be at least 0.
            seed: 1
            # Number of passes over the real images. Must lie in [1, 1000].
            epochs: 10
            # Share of real images in each batch. Must lie in [0, 1].
            real_ratio: 1.0e-05
            # How real images are walked through. One of paper, continuous, walk_on.
            order: paper
            note: "yes"
            optimizer:
              learning_rate: 0.05
              weight_decay: 0.0005
              nesterov: true
              momentum: 0.9
              clip_norm: null
              steps: null
            detectors: [msp, ebo]
            arms:
              -
                # Names the arm in the table.
                name: baseline
                ratio: null
                optimizer: null
              -
                name: "sio: 0.8"
                ratio: 1.0
                optimizer: null
            settings:
              knn:
                k: 50
                "5": "5"
                none: null
              ebo: {}
            stages: [[16, 2], [32, 2]]

            """;
        Assert.Equal(Expected, RecipeWriter.Write(recipe));
        Assert.DoesNotContain('#', RecipeWriter.Write(recipe, comments: false));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused() =>
        Assert.Throws<ArgumentException>(() => RecipeWriter.Write(new SampleRecipe { Note = "\uD800" }));

    [Fact]
    public void What_is_written_reads_back_to_an_equal_record()
    {
        var recipes = Recipes().ToArbitrary();
        Prop.ForAll(recipes, recipe =>
        {
            foreach (var comments in new[] { true, false })
            {
                var text = RecipeWriter.Write(recipe, comments);
                var back = RecipeReader.Parse<SampleRecipe>(text);
                Assert.Equivalent(recipe, back, strict: true);
                Assert.Equal(text, RecipeWriter.Write(back, comments));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));
    }

    [Fact]
    public void Every_double_keeps_its_bits() => Prop
        .ForAll(ArbMap.Default.ArbFor<double>(), value =>
        {
            var text = RecipeWriter.Write(new SampleOptimizer { LearningRate = value });
            var back = RecipeReader.Parse<SampleOptimizer>(text).LearningRate;
            return double.IsNaN(value) ? double.IsNaN(back) : BitConverter.DoubleToInt64Bits(back) == BitConverter.DoubleToInt64Bits(value);
        })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static Gen<SampleRecipe> Recipes()
    {
        var number = ArbMap.Default.GeneratorFor<double>().Where(d => !double.IsNaN(d));
        var text = Gen.OneOf(
            Gen.Elements("", " ", "null", "~", "yes", "True", "1", "1e3", ".inf", "- a", "a: b", "a #b", "#", "*a", "&a", "!x", "%", "@", "---", "...", "é😀", "a\tb\nc\r\u0085\u2028\0", "\"'\\"),
            ArbMap.Default.GeneratorFor<string>().Select(Whole));
        var single = Gen.OneOf(
            Gen.Constant<object?>(null),
            Gen.Elements<object?>(true, false),
            ArbMap.Default.GeneratorFor<long>().Select(v => (object?)v),
            number.Select(v => (object?)v),
            text.Select(v => (object?)v));
        var optimizer =
            from rate in number
            from momentum in Gen.Choose(0, 999)
            from clip in Gen.OneOf(Gen.Constant<double?>(null), number.Select(v => (double?)v))
            from steps in ArbMap.Default.GeneratorFor<long?>()
            from nesterov in Gen.Elements(true, false)
            select new SampleOptimizer { LearningRate = rate, Momentum = momentum / 1000f, ClipNorm = clip, Steps = steps, Nesterov = nesterov };
        var arm =
            from name in text
            from ratio in Gen.OneOf(Gen.Constant<double?>(null), number.Select(v => (double?)v))
            from inner in Gen.OneOf(Gen.Constant<SampleOptimizer?>(null), optimizer.Select(o => (SampleOptimizer?)o))
            select new SampleArm { Name = name, Ratio = ratio, Optimizer = inner };
        var settings = Gen.ListOf(Gen.Zip(text, single)).Select(ToDictionary);
        return
            from seed in Gen.Choose(0, int.MaxValue - 1)
            from order in Gen.Elements(SampleOrder.Paper, SampleOrder.Continuous, SampleOrder.WalkOn)
            from note in Gen.OneOf(Gen.Constant<string?>(null), text.Select(t => (string?)t))
            from inner in optimizer
            from detectors in Gen.ListOf(text)
            from arms in Gen.ListOf(arm)
            from named in Gen.ListOf(Gen.Zip(text, settings))
            from stages in Gen.ArrayOf(Gen.ArrayOf(Gen.Choose(-5, 5)))
            select new SampleRecipe
            {
                Seed = seed,
                Order = order,
                Note = note,
                Optimizer = inner,
                Detectors = [.. detectors],
                Arms = [.. arms],
                Settings = ToDictionary(named),
                Stages = stages,
            };
    }

    private static Dictionary<string, TValue> ToDictionary<TValue>(IEnumerable<(string Key, TValue Value)> pairs) =>
        pairs.GroupBy(p => p.Key).ToDictionary(g => g.Key, g => g.First().Value);

    /// <summary>FsCheck draws halves of surrogate pairs, which no YAML file can hold.</summary>
    private static string Whole(string? text) => new([.. (text ?? "").Where(c => !char.IsSurrogate(c))]);
}
