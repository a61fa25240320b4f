using Sio.Data;
using Sio.Evaluation;
using Sio.Experiments;
using Sio.Experiments.Results;
using Sio.Networks;
using Sio.Recipes;
using Sio.Tests.Data;

namespace Sio.Tests.Experiments;

/// <summary>Scores and results say which weights and which images they come from, and what does not belong together is not
/// compared.</summary>
public sealed class WeightsDigestTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public WeightsDigestTests()
    {
        foreach (var (name, count) in new[] { ("train", 6), ("test", 6), ("cats", 4) })
            Images(name, count, seed: 1);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Scores_and_results_carry_the_digest_of_their_weights()
    {
        var folder = Weights("a", seed: 1);
        var results = Evaluate(folder);
        var written = Assert.Single(Assert.Single(ResultsFile.Read(folder.ResultsPath).Arms).Runs);
        Assert.Equal(64, results.Weights!.Length);
        Assert.Equal(results.Weights, written.Weights);
        Assert.Equal(results.Weights, WeightsDigest.OfScores(RunFolder.ScoresPath(folder.Path, "msp", "test")));
        Assert.Equal(results.Weights, Evaluate(folder).Weights);
        Assert.NotEqual(results.Weights, Evaluate(Weights("b", seed: 2)).Weights);
    }

    [Fact]
    public void Results_have_the_hash_of_each_set()
    {
        var folder = Weights("a", seed: 1);
        Evaluate(folder);
        var data = NewRun(seed: 1).Data;
        Assert.Equal(new Dictionary<string, string> { ["test"] = data.Test.ContentHash, ["cats"] = data.Near[0].ContentHash }, ResultsFile.Read(folder.ResultsPath).Images);
    }

    // Scores of a detector that does not run again stay; nothing else would show that they are of other weights.
    [Fact]
    public void Scores_of_other_weights_are_told_of()
    {
        var folder = Weights("a", seed: 1);
        Evaluate(folder, "msp,ebo");
        var observer = new Listener();
        Evaluate(folder, "msp", observer);
        Assert.Empty(observer.Warnings);
        File.Copy(Weights("b", seed: 2).Checkpoint.ModelPath, folder.Checkpoint.ModelPath, overwrite: true);
        Evaluate(folder, "msp", observer);
        Assert.Contains("has scores of ebo that are of other weights", Assert.Single(observer.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Scores_of_other_weights_are_not_compared()
    {
        var (first, second) = (Weights("a", seed: 1), Weights("b", seed: 2));
        Evaluate(first);
        Evaluate(second);
        Compare(first, second);
        File.Copy(RunFolder.ScoresPath(first.Path, "msp", "test"), RunFolder.ScoresPath(second.Path, "msp", "test"), overwrite: true);
        Assert.Contains("other weights", Assert.Throws<DataException>(() => Compare(first, second)).Message, StringComparison.Ordinal);
    }

    // The same names, numbers and labels; other pictures.
    [Fact]
    public void Runs_on_other_images_are_not_compared_and_make_no_ensemble()
    {
        var (first, second) = (Weights("a", seed: 1), Weights("b", seed: 2));
        Evaluate(first);
        Images("test", 6, seed: 9);
        Evaluate(second, seed: 2);
        Assert.Contains("the images or labels of 'test' are others", Assert.Throws<DataException>(() => Compare(first, second)).Message, StringComparison.Ordinal);
        var error = Assert.Throws<DataException>(() => Evaluator.Evaluate(NewRun(seed: 2), second, new EvaluationOptions { Detectors = ["ensemble"], Ensemble = [first.Path] }));
        Assert.Contains("other ID test images", error.Message, StringComparison.Ordinal);

        // Files of earlier versions have no hashes: names and labels decide, as they did.
        File.WriteAllText(first.ResultsPath, File.ReadAllText(first.ResultsPath).Replace("\"images\": {", "\"images_before\": {", StringComparison.Ordinal));
        Compare(first, second);
    }

    [Fact]
    public void Runs_that_know_other_classes_make_no_ensemble()
    {
        var (first, second) = (Weights("a", seed: 1), Weights("b", seed: 2));
        File.WriteAllText(second.RecipePath, RecipeWriter.Write(RecipeReader.Read<Recipe>(second.RecipePath) is var recipe ? recipe with { Data = recipe.Data with { Split = 2 } } : recipe));
        var error = Assert.Throws<DataException>(() => Evaluator.Evaluate(NewRun(seed: 1), first, new EvaluationOptions { Detectors = ["ensemble"], Ensemble = [second.Path] }));
        Assert.Contains("knows the classes of split 2", error.Message, StringComparison.Ordinal);
    }

    private static void Compare(RunFolder first, RunFolder second) => new Comparison([first.Path], [second.Path]).Compute(new StratifiedBootstrap(10, 1));

    private RunResults Evaluate(RunFolder folder, string detectors = "msp", RunObserver? observer = null, int seed = 1) =>
        Evaluator.Evaluate(NewRun(seed), folder, new EvaluationOptions { Detectors = detectors.Split(',') }, observer);

    private void Images(string name, int count, int seed)
    {
        var random = RandomStream.For(seed, name);
        byte[] pixels = [.. Enumerable.Range(0, count * 28 * 28).Select(_ => (byte)random.NextInt(256))];
        Npz.Write(_folder.File(name + ".npz"), ("images", NpyArray.Create(pixels, count, 28, 28, 1)), ("labels", NpyArray.Create(Enumerable.Range(0, count).Select(i => (long)(i % 3)).ToArray())));
    }

    // Weights as training would leave them, without its time.
    private RunFolder Weights(string name, int seed)
    {
        var folder = new RunFolder(_folder.File(name));
        folder.Create();
        using var network = Catalog<Classifier>.Create("lenet", new ClassifierShape(1, 28, 28, 3), new TorchSharp.torch.Generator((ulong)seed));
        folder.Checkpoint.SaveModel(network);
        File.WriteAllText(folder.RecipePath, RecipeWriter.Write(NewRun(seed).Recipe));
        return folder;
    }

    private Run NewRun(int seed) => Run.Prepare(RecipeReader.Parse<Recipe>(
        $"""
        benchmark: files
        threads: 1
        seed: {seed}
        data:
          train: '{_folder.File("train.npz")}'
          test: '{_folder.File("test.npz")}'
          near:
            cats: '{_folder.File("cats.npz")}'
        network:
          name: lenet
        """));

    private sealed class Listener : RunObserver
    {
        internal List<string> Warnings { get; } = [];

        public override void Warn(string message) => Warnings.Add(message);
    }
}
