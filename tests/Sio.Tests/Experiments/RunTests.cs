using Sio.Engine;
using Sio.Data;
using Sio.Evaluation.Benchmarks;
using Sio.Experiments;
using Sio.Recipes;

namespace Sio.Tests.Experiments;

/// <summary>Recipes resolved with their images, on sets of one's own.</summary>
public sealed class RunTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sio-test-").FullName;

    public RunTests()
    {
        foreach (var (name, labels) in new[] { ("train", new long[] { 0, 1, 2, 0, 1, 2 }), ("test", [0, 1, 2]), ("cats", [0, 0]), ("synthetic", [2, 1, 0, 0]) })
            Write(name, labels);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Files_of_ones_own_make_a_benchmark()
    {
        var run = Run.Prepare(Recipe());
        Assert.Equal((6, 3, 3), (run.Data.Train.Count, run.Data.Test.Count, run.Data.Train.ClassCount));
        Assert.Equal(["cats"], run.Data.Near.Select(set => set.Name));
        Assert.Equal(2, run.Data.Near[0].Count);
        Assert.All(run.Data.Near[0].Labels, label => Assert.Equal(ImageSet.OodLabel, label));
        Assert.Equal(3, run.Normalization.Mean.Length);

        // Mean and deviation of the training pixels, channel by channel, worked out the long way.
        var area = run.Data.Train.Height * run.Data.Train.Width;
        for (var c = 0; c < 3; c++)
        {
            var pixels = Enumerable.Range(0, 6).SelectMany(i => run.Data.Train.Image(i).Slice(c * area, area).ToArray()).Select(value => value / 255.0).ToArray();
            var mean = pixels.Average();
            Assert.Equal(mean, run.Normalization.Mean[c], 5);
            Assert.Equal(Math.Sqrt(pixels.Average(value => (value - mean) * (value - mean))), run.Normalization.Std[c], 5);
        }
    }

    [Fact]
    public void Validation_images_of_ones_own_are_ID_images()
    {
        Assert.Null(Run.Prepare(Recipe()).Data.Validation);
        var run = Run.Prepare(Recipe($"data.validation={Path.Combine(_root, "synthetic.npz")}"));
        Assert.Equal([2, 1, 0, 0], run.Data.Validation!.Labels);
        Assert.Equal(3, run.Data.Validation.ClassCount);
        Assert.Contains("/nowhere", Assert.Throws<DataException>(() => Run.Prepare(Recipe("data.validation=/nowhere"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OOD_validation_images_are_named_or_made_of_ID_ones_and_are_never_test_images()
    {
        Assert.Null(Run.Prepare(Recipe()).Data.ValidationOod);
        var validation = $"data.validation={Path.Combine(_root, "synthetic.npz")}";
        var made = Run.Prepare(Recipe(validation)).Data.ValidationOod!;
        Assert.Equal(("val_ood", 4), (made.Name, made.Count));
        Assert.All(made.Labels, label => Assert.Equal(ImageSet.OodLabel, label));
        Assert.Equal(made.ContentHash, Run.Prepare(Recipe(validation, "seed=7")).Data.ValidationOod!.ContentHash);
        Assert.NotEqual(made.ContentHash, Run.Prepare(Recipe(validation, "data.subset_seed=7")).Data.ValidationOod!.ContentHash);

        Write("own", [0, 0, 0, 0, 0]);
        var own = Run.Prepare(Recipe(validation, $"data.validation_ood={Path.Combine(_root, "own.npz")}"));
        Assert.Equal(("val_ood", 5), (own.Data.ValidationOod!.Name, own.Data.ValidationOod.Count));
        Assert.Equal(Path.Combine(_root, "own.npz"), own.Recipe.Data.ValidationOod);

        // One image of a test set is enough.
        var cats = SyntheticSet.LoadOutOfDistribution(Path.Combine(_root, "cats.npz"), "cats");
        var one = Path.Combine(_root, "one.npz");
        var pixels = new byte[2 * 16 * 16 * 3];
        for (var i = 0; i < 16 * 16; i++)
        {
            for (var c = 0; c < 3; c++)
                pixels[(16 * 16 * 3) + (i * 3) + c] = cats.Image(1)[(c * 16 * 16) + i];
        }

        Npz.Write(one, ("images", NpyArray.Create(pixels, 2, 16, 16, 3)));
        Refused($"data.validation_ood={one}", "image 1 is image 1 of the test set 'cats'");
        Refused($"data.validation_ood={Path.Combine(_root, "test.npz")}", "of the test set 'test'");
        Write("rain", [0, 1]);
        Assert.Contains("of the test set 'rain'", Assert.Throws<DataException>(() => Run.Prepare(Recipe(
            validation, $"data.shifted_id={{ rain: {Path.Combine(_root, "rain.npz")} }}", $"data.validation_ood={Path.Combine(_root, "rain.npz")}"))).Message, StringComparison.Ordinal);
        Refused("data.validation_ood=/nowhere", "/nowhere");
        Npz.Write(one, ("images", NpyArray.Create(new byte[2 * 8 * 8 * 3], 2, 8, 8, 3)));
        Refused($"data.validation_ood={one}", "3×8×8");

        void Refused(string setting, string expected) =>
            Assert.Contains(expected, Assert.Throws<DataException>(() => Run.Prepare(Recipe(validation, setting))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("knn", "detector.key=value")]
    [InlineData("knn.neighbours=3", "neighbours")]
    public void Settings_of_the_recipe_are_checked_before_the_training(string setting, string expected) =>
        Assert.Contains(expected, Assert.Throws<RecipeException>(() => Run.Prepare(Recipe($"evaluation.settings=['{setting}']"))).Message, StringComparison.Ordinal);

    [Fact]
    public void What_a_recipe_leaves_open_is_resolved()
    {
        var alone = Run.Prepare(Recipe());
        Assert.Equal((1.0, "baseline"), (alone.Recipe.Synthetic.RealRatio, alone.Arm));
        Assert.Null(alone.Synthetic);
        var mixed = Run.Prepare(Recipe("synthetic.path=" + Path.Combine(_root, "synthetic.npz")));
        Assert.Equal((Run.DefaultRealRatio, "sio"), (mixed.Recipe.Synthetic.RealRatio, mixed.Arm));
        Assert.Equal([2, 1, 0, 0], mixed.Synthetic!.Labels);
        Assert.Equal(Environment.ProcessorCount, mixed.Recipe.Threads);

        // A resolved recipe is complete: prepared again, it stays as it is.
        var text = RecipeWriter.Write(mixed.Recipe);
        Assert.Equal(text, RecipeWriter.Write(Run.Prepare(RecipeReader.Parse<Recipe>(text)).Recipe));
    }

    [Fact]
    public void Contradictions_are_refused()
    {
        Assert.Throws<RecipeException>(() => Run.Prepare(Recipe("synthetic.real_ratio=0.5")));
        Assert.Throws<RecipeException>(() => Run.Prepare(Recipe("training.momentum=0")));
        Assert.Throws<RecipeException>(() => Run.Prepare(Recipe("training.mean=[0.5]", "training.std=[0.5]")));
        Assert.Throws<RecipeException>(() => Run.Prepare(Recipe("training.mean=[0.5, 0.5, 0.5]", "training.std=[0.5, 0, 0.5]")));
        Assert.Throws<UnknownNameException>(() => Run.Prepare(Recipe("network.name=vgg")));
        Assert.Throws<UnknownNameException>(() => Run.Prepare(Recipe("evaluation.detectors=[nothing]")));
        Assert.Throws<DataException>(() => Run.Prepare(Recipe("data.near={ dogs: /nowhere }")));
        var wrongSize = Path.Combine(_root, "small.npz");
        Npz.Write(wrongSize, ("images", NpyArray.Create(new byte[2 * 8 * 8 * 3], 2, 8, 8, 3)), ("labels", NpyArray.Create(new long[2])));
        Assert.Contains("3×8×8", Assert.Throws<DataException>(() => Run.Prepare(Recipe($"data.far={{ small: {wrongSize} }}"))).Message, StringComparison.Ordinal);
        Assert.Contains("data.train", Assert.Throws<DataException>(() => Run.Prepare(RecipeReader.Parse<Recipe>("benchmark: files"))).Message, StringComparison.Ordinal);
    }

    // Counted without a collection in between: nothing is left to finalizers.
    [Fact]
    public void Training_and_evaluating_free_every_tensor_they_make()
    {
        var run = Run.Prepare(Recipe("network.name=resnet8_28x28", "training.epochs=1", "training.batch_size=3", "evaluation.detectors=[msp, mls, ebo]"));
        var folder = new RunFolder(Path.Combine(_root, "run"));
        var before = TensorCount.Settled();
        run.Train(folder, resume: false);
        Assert.Equal(before, TorchRuntime.LiveTensors);
        Evaluator.Evaluate(run, folder);
        Assert.Equal(before, TorchRuntime.LiveTensors);

        var tuned = Run.Prepare(run.Recipe with
        {
            Data = run.Recipe.Data with { Validation = Path.Combine(_root, "synthetic.npz") }, Evaluation = run.Recipe.Evaluation with { Tune = true },
        });
        Assert.Equal(4, Evaluator.Evaluate(tuned, folder).Detectors["ebo"].Tuned!.Tried.Count);
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void A_run_whose_state_cannot_be_read_is_refused_before_anything_is_scored()
    {
        var run = Run.Prepare(Recipe("network.name=resnet8_28x28", "training.epochs=1", "training.batch_size=3", "evaluation.detectors=[msp]"));
        var folder = new RunFolder(Path.Combine(_root, "run"));
        run.Train(folder, resume: false);
        File.WriteAllText(folder.Checkpoint.LastPath, "damaged");
        var output = Path.Combine(_root, "scores");
        var seen = new Passes();
        var error = Assert.Throws<DataException>(() => Evaluator.Evaluate(run, folder, new EvaluationOptions { Output = output }, seen));
        Assert.Contains("last.safetensors", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, seen.Images);
        Assert.False(Directory.Exists(output));
    }

    // Scores are kept by the set's name, so these would have been written over one another, or beside the run's folder.
    [Theory]
    [InlineData("data.far={ cats: CATS }", "'cats' is named twice")]
    [InlineData("data.near={ test: CATS }", "named 'test'")]
    [InlineData("data.near={ ../../cats: CATS }", "without '/'")]
    [InlineData("data.near={ '': CATS }", "needs a name")]
    public void Image_sets_whose_scores_could_not_be_told_apart_are_refused(string setting, string expected)
    {
        var error = Assert.Throws<DataException>(() => Run.Prepare(Recipe(setting.Replace("CATS", Path.Combine(_root, "cats.npz"), StringComparison.Ordinal))));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data.mnist=''", "data.mnist")]
    [InlineData("data.near={ cats: '' }", "data.near.cats")]
    [InlineData("synthetic.path=''", "synthetic.path")]
    [InlineData("training.mean=[.nan, 0, 0]", "training.mean")]
    [InlineData("training.std=[.inf, 1, 1]", "training.std")]
    public void Values_that_mean_nothing_are_refused(string setting, string expected) =>
        Assert.Contains(expected, Assert.Throws<RecipeException>(() => Run.Prepare(Recipe(setting))).Message, StringComparison.Ordinal);

    [Fact]
    public void Every_shipped_recipe_can_be_read_and_names_what_exists()
    {
        // Generators have recipes of another kind, and tables are none: see GeneratorRunTests and TablePlanTests.
        var all = Path.Combine(AppContext.BaseDirectory, "recipes");
        var recipes = Directory.GetFiles(all, "*.yml", SearchOption.AllDirectories)
            .Where(path => !path.StartsWith(Path.Combine(all, "generators"), StringComparison.Ordinal) && Path.GetDirectoryName(path) != Path.Combine(all, "tables")).ToArray();
        Assert.NotEmpty(recipes);
        foreach (var path in recipes)
        {
            var recipe = RecipeReader.Read<Recipe>(path);
            Assert.Contains(recipe.Benchmark, BenchmarkCatalog.Names);
            _ = Run.Resolve(recipe);
        }
    }

    // A new start would have deleted them before they were read.
    [Fact]
    public void A_run_does_not_start_from_weights_that_it_writes_over()
    {
        string[] small = ["network.name=resnet8_28x28", "training.epochs=1", "training.batch_size=3"];
        var folder = new RunFolder(Path.Combine(_root, "run"));
        Run.Prepare(Recipe(small)).Train(folder, resume: false);
        var weights = File.ReadAllBytes(folder.Checkpoint.ModelPath);
        foreach (var init in new[] { folder.Path, folder.Checkpoint.ModelPath })
        {
            var again = Run.Prepare(Recipe([.. small, $"network.init={init}"]));
            Assert.Contains("another --out", Assert.Throws<DataException>(() => again.Train(folder, resume: false)).Message, StringComparison.Ordinal);
        }

        Assert.Equal(weights, File.ReadAllBytes(folder.Checkpoint.ModelPath));
    }

    [Fact]
    public void Levers_without_synthetic_images_are_warned_of()
    {
        string[] small = ["network.name=resnet8_28x28", "training.epochs=1", "training.batch_size=3", "synthetic.loss_weight=0.5", "synthetic.separate_batch_norm=true"];
        var seen = new Passes();
        Run.Prepare(Recipe(small)).Train(new RunFolder(Path.Combine(_root, "without")), resume: false, seen);
        Assert.StartsWith("synthetic.loss_weight, synthetic.separate_batch_norm: without effect", Assert.Single(seen.Warnings), StringComparison.Ordinal);
        seen.Warnings.Clear();
        Run.Prepare(Recipe([.. small, $"synthetic.path={_root}/synthetic.npz", "synthetic.order=continuous"])).Train(new RunFolder(Path.Combine(_root, "with")), resume: false, seen);
        Assert.Empty(seen.Warnings);
    }

    // A table's auxiliary set is named for all its trainings.
    [Fact]
    public void Auxiliary_images_are_neither_read_nor_compared_by_a_method_that_takes_none()
    {
        string[] small = ["network.name=resnet8_28x28", "training.epochs=1", "training.batch_size=3", $"objective.auxiliary={_root}/cats.npz", "objective.refuse_overlap=true"];
        var (folder, seen) = (new RunFolder(Path.Combine(_root, "without")), new Passes());
        Run.Prepare(Recipe(small)).Train(folder, resume: false, seen);
        Assert.StartsWith("objective.auxiliary: without effect", Assert.Single(seen.Warnings), StringComparison.Ordinal);
        Assert.Contains("\"overlaps\":[]", File.ReadAllText(Path.Combine(folder.Path, "log.jsonl")), StringComparison.Ordinal);
        Run.Prepare(Recipe([.. small, "objective.auxiliary=nowhere.npz"])).Train(new RunFolder(Path.Combine(_root, "missing")), resume: false);
        var taking = Run.Prepare(Recipe([.. small, "objective.name=outlier_exposure"]));
        Assert.Contains("among the auxiliary images", Assert.Throws<DataException>(() => taking.Train(new RunFolder(Path.Combine(_root, "with")), resume: false)).Message, StringComparison.Ordinal);
    }

    // The pictures are larger than the images, and what PixMix makes of them is another size yet: they are found by what an OOD set made of the same files comes to.
    [Fact]
    public void Pictures_that_are_mixed_in_or_auxiliary_are_looked_for_in_the_test_sets()
    {
        foreach (var (name, seed) in new[] { ("textures", 1), ("fractals", 2) })
        {
            Directory.CreateDirectory(Path.Combine(_root, name));
            var pictures = NoiseImages.Uniform(4, 1, 50, 40, seed);
            for (var i = 0; i < pictures.Count; i++)
                Png.Write(Path.Combine(_root, name, $"{i}.png"), new Picture(40, 50, 1, pictures.Image(i).ToArray()));
        }

        File.Copy(Path.Combine(_root, "textures", "3.png"), Path.Combine(_root, "fractals", "renamed.png"));
        File.WriteAllText(Path.Combine(_root, "sized.yml"), $$"""
            size: 16
            shorter_side: 20
            train: '{{_root}}/train.npz'
            test: '{{_root}}/test.npz'
            far: {textures: '{{_root}}/textures'}
            """);
        var (folder, seen) = (new RunFolder(Path.Combine(_root, "run")), new Passes());
        Mixed("fractals").Train(folder, resume: false, seen);
        Assert.StartsWith("1 of the 4 images of the test set 'textures' are among the mixing images (the first is its image 3)", Assert.Single(seen.Warnings), StringComparison.Ordinal);
        Assert.Contains("\"images\":\"mixing\"", File.ReadAllText(Path.Combine(folder.Path, "log.jsonl")), StringComparison.Ordinal);
        Assert.Contains("4 of the 4 images", Assert.Throws<DataException>(() => Mixed("textures", "objective.refuse_overlap=true").Train(folder, resume: false)).Message, StringComparison.Ordinal);

        // PixMix's own word on a folder that it cannot take comes first.
        Assert.Contains("the mixing set", Assert.Throws<DataException>(() => Mixed("nowhere").Train(folder, resume: false)).Message, StringComparison.Ordinal);

        // Auxiliary pictures are brought to size as the test sets are, by the shorter side and the middle.
        var auxiliary = Trained("objective.name=outlier_exposure", $"objective.auxiliary={_root}/fractals", "objective.refuse_overlap=true");
        Assert.Contains("1 of the 4 images of the test set 'textures' are among the auxiliary images", Assert.Throws<DataException>(() => auxiliary.Train(folder, resume: false)).Message, StringComparison.Ordinal);

        Run Mixed(string pictures, params string[] more) => Trained(["objective.name=pixmix", $"objective.settings.mixing_set={_root}/{pictures}", .. more]);

        Run Trained(params string[] more) => Run.Prepare(RecipeReader.Parse<Recipe>(
            $"benchmark: '{_root}/sized.yml'", ["network.name=resnet8_28x28", "training.epochs=1", "training.batch_size=3", .. more]));
    }

    [Fact]
    public void Synthetic_images_may_be_class_folders_and_what_was_done_to_them_is_told()
    {
        for (var c = 0; c < 3; c++)
        {
            Directory.CreateDirectory(Path.Combine(_root, "folders", $"{10 - c}"));
            Png.Write(Path.Combine(_root, "folders", $"{10 - c}", "a.png"), new Picture(20, 32, 1, [.. Enumerable.Repeat((byte)(50 * c), 20 * 32)]));
        }

        var run = Run.Prepare(Recipe("network.name=resnet8_28x28", "training.epochs=1", "training.batch_size=3", $"synthetic.path={_root}/folders", "synthetic.order=continuous"));
        Assert.Equal((3, 16, 16), (run.Synthetic!.Channels, run.Synthetic.Height, run.Synthetic.Width));
        Assert.All(Enumerable.Range(0, 3), i => Assert.Equal(50 * (2 - run.Synthetic.Labels[i]), run.Synthetic.Image(i)[0]));
        var seen = new Passes();
        run.Train(new RunFolder(Path.Combine(_root, "run")), resume: false, seen);
        Assert.Collection(
            seen.Warnings,
            size => Assert.Contains("8/a.png is of 1×32×20", size, StringComparison.Ordinal),
            order => Assert.Contains("taken in order, 8 as 0, 9 as 1, 10 as 2", order, StringComparison.Ordinal));
    }

    [Fact]
    public void Weights_of_synthetic_images_are_for_training_alone()
    {
        var weights = Path.Combine(_root, "weights.npy");
        Npy.Write(weights, NpyArray.Create([1f, 2f, 3f, 4f]));
        var recipe = Recipe(
            "network.name=resnet8_28x28", "training.epochs=1", "training.batch_size=3", "evaluation.detectors=[msp]", $"synthetic.path={_root}/synthetic.npz", "synthetic.order=continuous", $"synthetic.weights={weights}");
        var folder = new RunFolder(Path.Combine(_root, "run"));
        Run.Prepare(recipe).Train(folder, resume: false);
        File.Delete(weights);
        Assert.Contains("msp", Evaluator.Evaluate(Run.Prepare(recipe), folder).Detectors.Keys);
        Assert.Contains("weights.npy", Assert.Throws<DataException>(() => Run.Prepare(recipe).Train(folder, resume: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_ratio_without_synthetic_images_is_named_with_its_own_value()
    {
        var message = Assert.Throws<RecipeException>(() => Run.Prepare(Recipe("synthetic.real_ratio=0.9", "synthetic.final_real_ratio=0.5"))).Message;
        Assert.Contains("synthetic.final_real_ratio is 0.5", message, StringComparison.Ordinal);
    }

    private Recipe Recipe(params string[] overrides) => RecipeReader.Parse<Recipe>(
        $"""
        benchmark: files
        data:
          train: '{_root}/train.npz'
          test: '{_root}/test.npz'
          near:
            cats: '{_root}/cats.npz'
        """,
        overrides);

    private void Write(string name, long[] labels)
    {
        var random = RandomStream.For(1, name);
        var pixels = new byte[labels.Length * 16 * 16 * 3];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)random.NextInt(256);
        var images = ("images", NpyArray.Create(pixels, labels.Length, 16, 16, 3));
        // Nobody needs to label what belongs to no class.
        if (name == "cats")
            Npz.Write(Path.Combine(_root, name + ".npz"), images);
        else
            Npz.Write(Path.Combine(_root, name + ".npz"), images, ("labels", NpyArray.Create(labels)));
    }

    private sealed class Passes : RunObserver
    {
        internal int Images { get; private set; }

        internal List<string> Warnings { get; } = [];

        public override void Warn(string message) => Warnings.Add(message);

        public override void Evaluated(int done, int total) => Images = done;
    }
}
