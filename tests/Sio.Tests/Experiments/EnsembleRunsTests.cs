using Sio.Engine;
using Sio.Data;
using Sio.Experiments;
using Sio.Recipes;
using Sio.Tests.Data;

namespace Sio.Tests.Experiments;

/// <summary>Several trained runs judge the images of one of them.</summary>
public sealed class EnsembleRunsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public EnsembleRunsTests()
    {
        foreach (var (name, labels) in new[] { ("train", new long[] { 0, 1, 2, 0, 1, 2 }), ("test", [0, 1, 2, 0, 1]), ("cats", [0, 0]) })
        {
            var random = RandomStream.For(1, name);
            byte[] pixels = [.. Enumerable.Range(0, labels.Length * 28 * 28).Select(_ => (byte)random.NextInt(256))];
            Npz.Write(_folder.File(name + ".npz"), ("images", NpyArray.Create(pixels, labels.Length, 28, 28, 1)), ("labels", NpyArray.Create(labels)));
        }
    }

    public void Dispose() => _folder.Dispose();

    // The scores of each run alone are softmax maxima; those of the ensemble come from the banks' logits, worked out without detectors.
    [Fact]
    public void Runs_of_other_seeds_join_in_and_accuracy_stays_the_runs_own()
    {
        var (run, folder) = Train("first", "seed=1");

        // Another network, on images normalised in another way, and on synthetic images that are gone by now.
        var (_, second) = Train("second", "seed=2", "network.name=lenet", "training.mean=[0.1]", "training.std=[0.9]");
        var recipe = RecipeReader.Read<Recipe>(second.RecipePath) with { Synthetic = new SyntheticRecipe { Path = "/nowhere.npz", RealRatio = 0.8 } };
        File.WriteAllText(second.RecipePath, RecipeWriter.Write(recipe));
        var before = TensorCount.Settled();
        var alone = Evaluator.Evaluate(run, folder, new EvaluationOptions { Detectors = ["msp"] });
        Assert.Null(alone.Ensemble);
        var told = (Done: 0, Total: 0);
        var together = Evaluator.Evaluate(
            run, folder, new EvaluationOptions { Detectors = ["msp", "ensemble", "combine"], Settings = ["combine.detectors=[ensemble, ebo]"], Ensemble = [second.Path] },
            new Observer((done, total) => told = (done, total)));
        Assert.Equal(before, TorchRuntime.LiveTensors);
        Assert.Equal(alone.Accuracy, together.Accuracy);
        Assert.Equal([second.Path], together.Ensemble);
        Assert.Equal(["combine", "ensemble", "msp"], together.Detectors.Keys.Order(StringComparer.Ordinal));

        // Both networks see the 6 training images that the combination is fitted on, and 7 test images.
        Assert.Equal((26, 26), told);
        var expected = Probabilities("first").Zip(Probabilities("second"), (a, b) => a.Zip(b, (x, y) => (x + y) / 2).Max()).ToArray();
        Assert.All(expected.Zip(Scores(folder, "ensemble")), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        Assert.NotEqual(Scores(folder, "msp"), Scores(folder, "ensemble"));

        // No pass for networks that no detector asks for.
        Assert.Null(Evaluator.Evaluate(
            run, folder, new EvaluationOptions { Detectors = ["msp"], Ensemble = [second.Path] }, new Observer((done, total) => told = (done, total))).Ensemble);
        Assert.Equal((7, 7), told);
    }

    [Fact]
    public void Runs_that_do_not_belong_together_are_refused()
    {
        var (run, folder) = Train("first");
        Assert.Contains("counts once", Refused(folder.Path), StringComparison.Ordinal);
        Assert.Contains("is no run", Refused(_folder.File("nowhere")), StringComparison.Ordinal);
        var (_, other) = Train("other", $"data.test={_folder.File("train.npz")}");
        Assert.Contains("share their classes", Refused(other.Path), StringComparison.Ordinal);
        File.WriteAllText(other.RecipePath, File.ReadAllText(other.RecipePath).Replace("benchmark: files", "benchmark: fashion_mnist_6_4", StringComparison.Ordinal));
        Assert.Contains("share one", Refused(other.Path), StringComparison.Ordinal);
        var (_, untrained) = Train("untrained");
        Directory.Delete(Path.Combine(untrained.Path, "checkpoint"), recursive: true);
        Assert.Contains("untrained", Refused(untrained.Path), StringComparison.Ordinal);
        Assert.Contains("counts once", Refused(untrained.Path, untrained.Path + "/"), StringComparison.Ordinal);

        string Refused(params string[] ensemble) =>
            Assert.Throws<DataException>(() => Evaluator.Evaluate(run, folder, new EvaluationOptions { Detectors = ["ensemble"], Ensemble = ensemble })).Message;
    }

    private static float[] Scores(RunFolder folder, string detector) => Npz.Read(RunFolder.ScoresPath(folder.Path, detector, "test"))["conf"].Elements<float>();

    private double[][] Probabilities(string name)
    {
        var folder = new RunFolder(_folder.File(name));
        var recipe = RecipeReader.Read<Recipe>(folder.RecipePath);
        BankExtractor.Extract(Run.Prepare(recipe with { Synthetic = new SyntheticRecipe() }), folder, ["id"], _folder.File("bank-" + name));
        return [.. Npy.Read(_folder.File($"bank-{name}/test_id_logits.npy")).Elements<float>().Chunk(3).Select(row => row.Select(z => Math.Exp(z) / row.Sum(other => Math.Exp(other))).ToArray())];
    }

    private (Run Run, RunFolder Folder) Train(string name, params string[] overrides)
    {
        var run = Run.Prepare(RecipeReader.Parse<Recipe>(
            $"""
            benchmark: files
            threads: 1
            data:
              train: '{_folder.File("train.npz")}'
              test: '{_folder.File("test.npz")}'
              near:
                cats: '{_folder.File("cats.npz")}'
            network:
              name: resnet8_28x28
            training:
              epochs: 1
              batch_size: 3
            """,
            overrides));
        var folder = new RunFolder(_folder.File(name));
        run.Train(folder, resume: false);
        return (run, folder);
    }

    private sealed class Observer(Action<int, int> told) : RunObserver
    {
        public override void Evaluated(int done, int total) => told(done, total);
    }
}
