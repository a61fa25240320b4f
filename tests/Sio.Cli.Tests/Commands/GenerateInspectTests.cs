using Sio.Data;
using Sio.Experiments.Inspection;

namespace Sio.Cli.Tests.Commands;

/// <summary><c>sio generate inspect</c> as a user runs it, on a toy data set.</summary>
public sealed class GenerateInspectTests : IDisposable
{
    private static readonly int[] s_known = [0, 1, 2, 5, 7, 8];
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_set_is_judged_filtered_and_found_to_be_copied()
    {
        // The toy synthetic set is made as the real images are; every tenth image gets a wrong label.
        var labels = Enumerable.Range(0, 120).Select(i => (long)s_known[i % 6]).ToArray();
        var wrong = labels.Select((label, i) => i % 10 == 9 ? (long)s_known[(i + 1) % 6] : label).ToArray();
        Npz.Write(_folder.At("set.npz"), ("images", Npz.Read(_folder.Synthetic)["images"]), ("labels", NpyArray.Create(wrong)));
        var judged = SioProcess.Run("generate", "inspect", _folder.At("set.npz"), "--against", _folder.Recipe, "--out", _folder.At("out"), "--keep-agreeing", "--write", _folder.At("kept"),
            "--weights", "agreement", "--write-weights", _folder.At("weights/agreement.npy"));
        judged.Succeeded();
        Assert.All(judged.Output[judged.Output.IndexOf("120 synthetic images", StringComparison.Ordinal)..].Split('\n'), line => Assert.True(line.Length <= 80 || line.Contains(_folder.Root, StringComparison.Ordinal), line));
        foreach (var part in new[] { "Fréchet distance (these features)", "Coverage", "taught", "C_T", "Suspected copies", "pullover" })
            Assert.Contains(part, judged.Output, StringComparison.Ordinal);

        var results = InspectionResults.Read(_folder.At("out/inspect.json"));
        Assert.Equal((120, 180, 36, 36), (results.Set.Images, results.Training.Images, results.HeldOut.Images, results.ImagesPerSide));
        Assert.Equal("T-shirt", results.Classes[0]);
        Assert.True(results.RealOnHeldOut.Overall > 90, $"real classifier {results.RealOnHeldOut.Overall}");
        Assert.InRange(results.RealOnSynthetic.Overall, 80, 92); // nine tenths of the labels are right
        Assert.True(results.SyntheticOnHeldOut!.Overall > 60, $"synthetic classifier {results.SyntheticOnHeldOut.Overall}");
        Assert.InRange(results.CopiesInPixels.Z, -4, 4);
        Assert.Null(results.CopiesInPixels.C); // six held-out images a class are too few
        Assert.Equal(results.Closest.OrderBy(pair => pair.Label).ThenBy(pair => pair.Distance), results.Closest);
        Assert.Equal(6 * 6, results.Closest.Count);
        Assert.Equal(["accuracy.svg", "closest.png", "distances.svg", "real.png", "synthetic.png"], results.Pictures.Order());
        Assert.All(results.Pictures, name => Assert.True(new FileInfo(_folder.At($"out/{name}")).Length > 500));
        Assert.Equal((2 + (16 * 58), 2 + (6 * 58)), (Png.Read(_folder.At("out/synthetic.png")).Width, Png.Read(_folder.At("out/synthetic.png")).Height));

        var kept = SyntheticSet.Load(_folder.At("kept"));
        Assert.InRange(kept.Count, 90, 112);
        Assert.Equal(s_known, kept.Labels.Distinct().Order());

        // The filter keeps the images that have a weight.
        var weights = Npy.Read(_folder.At("weights/agreement.npy")).ToDoubles();
        Assert.Equal((120, kept.Count, 120 - kept.Count), (weights.Length, weights.Count(weight => weight == 1), weights.Count(weight => weight == 0)));
        Assert.Contains("synthetic.weights", judged.Output, StringComparison.Ordinal);

        // Training images handed in as synthetic ones, by the classifier that is there.
        var training = FashionMnist.Load(Split.Train, _folder.Data);
        var known = training.Select([.. Enumerable.Range(0, training.Count).Where(i => s_known.Contains(training.Labels[i]))]);
        Npz.Write(_folder.At("copies.npz"), ("images", NpyArray.Create(known.Pixels, known.Count, 28, 28)), ("labels", NpyArray.Create(Array.ConvertAll(known.Labels, l => (long)l))));
        var copied = SioProcess.Run(
            "generate", "inspect", _folder.At("copies.npz"), "--against", "fashion_mnist_6_4", "--data", _folder.Data, "--classifier", _folder.At("out/classifier-real"), "--no-training",
            "--out", _folder.At("copied"));
        copied.Succeeded();
        var found = InspectionResults.Read(_folder.At("copied/inspect.json"));
        Assert.Equal(found.Set.Images, found.SuspectedCopies);
        Assert.Equal(0, found.CopiesInPixels.MedianSynthetic);
        Assert.True(found.CopiesInPixels.Z < -8, $"Z {found.CopiesInPixels.Z}");
        Assert.Null(found.SyntheticOnHeldOut);
        Assert.False(Directory.Exists(_folder.At("copied/classifier-real")));
        Assert.Equal(results.RealOnHeldOut.Overall, found.RealOnHeldOut.Overall);
    }

    [Fact]
    public void What_cannot_be_judged_is_refused_early_and_in_one_line()
    {
        TestFolder.WriteSynthetic(_folder.At("no-bags.npz"), [0, 0, 1, 1, 2, 2, 5, 5, 7, 7]);
        Refused("class 5 (bag) of", _folder.At("no-bags.npz"));
        TestFolder.WriteSynthetic(_folder.At("one-bag.npz"), [0, 0, 1, 1, 2, 2, 5, 5, 7, 7, 8]);
        Refused("has only one image", _folder.At("one-bag.npz"));
        TestFolder.WriteSynthetic(_folder.At("small.npz"), [0, 0, 1, 1], size: 20);
        Refused("1×20×20 (channels×height×width), 1×28×28 was expected", _folder.At("small.npz"));
        TestFolder.WriteSynthetic(_folder.At("coats.npz"), [0, 4]);
        Refused("label 4 of image 1 is no class of", _folder.At("coats.npz"));
        Refused("k = 100 needs more than 100 images a side", _folder.Synthetic, "--k", "100");
        Refused("is no run: recipe.yml was expected", _folder.Synthetic, "--classifier", _folder.At("nowhere"));
        Refused("has test images already", _folder.Synthetic, "--held-out", _folder.Synthetic);
        Assert.False(Directory.Exists(_folder.At("out/classifier-real")));

        Directory.CreateDirectory(_folder.At("taken"));
        File.WriteAllText(_folder.At("taken/images.npy"), "");
        Refused("is there already", _folder.Synthetic, "--keep-agreeing", "--write", _folder.At("taken"));
        var unknown = SioProcess.Run("generate", "inspect", _folder.Synthetic, "--against", "fashion_mnist_9_1");
        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains("is no benchmark (", unknown.ErrorLine, StringComparison.Ordinal);
        Assert.Equal(2, SioProcess.Run("generate", "inspect", _folder.Synthetic, "--against", _folder.Recipe, "--keep-agreeing").ExitCode);
        Refused("a name that ends in .npy", _folder.Synthetic, "--write-weights", _folder.At("weights.txt"));
        Assert.Equal(2, SioProcess.Run("generate", "inspect", _folder.Synthetic, "--against", _folder.Recipe, "--weights", "realism").ExitCode);
        Assert.Equal(2, SioProcess.Run("generate", "inspect", _folder.Synthetic, "--against", _folder.Recipe, "--quality-top", "1.5", "--write", _folder.At("x")).ExitCode);
    }

    [Fact]
    public void A_set_of_ones_own_is_split()
    {
        TestFolder.WriteSynthetic(_folder.At("set.npz"), [.. Enumerable.Range(0, 120).Select(i => i % 6L)]);
        var judged = SioProcess.Run(
            "generate", "inspect", _folder.At("set.npz"), "--against", _folder.At("set.npz"), "--out", _folder.At("own"), "--set", "network.name=lenet", "--set", "training.epochs=2",
            "--set", "threads=1", "--no-training", "--quality-top", "0.5", "--quality", "realism", "--write", _folder.At("best.npz"));
        judged.Succeeded();
        var results = InspectionResults.Read(_folder.At("own/inspect.json"));
        Assert.Equal((96, 24), (results.Training.Images, results.HeldOut.Images));
        Assert.True(results.SuspectedCopies >= 96); // the images are the training images themselves
        Assert.Equal(60, SyntheticSet.Load(_folder.At("best.npz")).Count);
    }

    private void Refused(string message, string set, params string[] options)
    {
        var outcome = SioProcess.Run(["generate", "inspect", set, "--against", _folder.Recipe, "--out", _folder.At("out"), .. options]);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains(message, outcome.ErrorLine, StringComparison.Ordinal);
    }
}
