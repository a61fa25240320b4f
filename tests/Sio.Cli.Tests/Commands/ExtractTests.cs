using System.Text.Json;
using Sio.Data;
using Sio.Evaluation.Benchmarks;

namespace Sio.Cli.Tests.Commands;

/// <summary>From a trained run to a bank, and from the bank to the same scores; validation images on the way.</summary>
public sealed class ExtractTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_bank_has_every_set_and_scores_as_the_run_does()
    {
        Train("--set", "data.train_images=120", "--set", "evaluation.settings=[knn.k=7]");
        var bank = _folder.At("bank");
        var extracted = SioProcess.Run("extract", _folder.At("run"), "--out", bank);
        Assert.Equal((0, ""), (extracted.ExitCode, extracted.Errors));
        Assert.Contains("val (60)", extracted.Output, StringComparison.Ordinal);
        string[] sets =
        [
            "train", "val", "val_ood", "test_id", "test_fashion_mnist_4", "test_optdigits", "test_gaussian", "test_uniform", "test_blobs",
            "test_gratings",
        ];
        string[] files = [.. sets.SelectMany(set => new[] { $"{set}_features.npy", $"{set}_logits.npy", $"{set}_labels.npy" }), "fc_weight.npy", "fc_bias.npy"];
        Assert.Equal(files.Order(StringComparer.Ordinal), Directory.GetFileSystemEntries(bank).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal([120L, 84L], Npy.Read(Path.Combine(bank, "train_features.npy")).Shape);
        Assert.Equal([6L, 84L], Npy.Read(Path.Combine(bank, "fc_weight.npy")).Shape);
        Assert.Equal([60L, 84L], Npy.Read(Path.Combine(bank, "val_ood_features.npy")).Shape);
        Assert.All(Npy.Read(Path.Combine(bank, "val_ood_labels.npy")).Elements<long>(), label => Assert.Equal(-1, label));
        Assert.All(Npy.Read(Path.Combine(bank, "test_blobs_labels.npy")).Elements<long>(), label => Assert.Equal(-1, label));

        var scored = SioProcess.Run("score", bank, "--detectors", "msp,knn", "--set", "knn.k=7", "--out", _folder.At("scores"));
        Assert.Equal((0, ""), (scored.ExitCode, scored.Errors));
        SioProcess.Run("evaluate", _folder.At("run"), "--detectors", "msp,knn").Succeeded();
        foreach (var detector in new[] { "msp", "knn" })
        {
            foreach (var (set, name) in new[] { ("test_id", "fashion_mnist_6"), ("test_fashion_mnist_4", "fashion_mnist_4"), ("test_blobs", "blobs") })
            {
                var ofRun = Npz.Read(_folder.At($"run/scores/{detector}/{name}.npz"))["conf"].Elements<float>();
                var ofBank = Npy.Read(_folder.At($"scores/{detector}/{set}.npy")).Elements<float>();
                Assert.Equal(ofRun.Length, ofBank.Length);
                // The run computes on one thread, the bank on all: sums may be rounded elsewhere.
                Assert.All(ofRun.Zip(ofBank), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
            }
        }
    }

    // From runs and from their banks the same: the default detectors, and the ensemble beside them.
    [Fact]
    public void Several_runs_or_their_banks_make_an_ensemble()
    {
        string[] sets = ["--sets", "id,blobs,fashion_mnist_4"];
        Train();
        SioProcess.Run("train", _folder.Recipe, "--set", "training.epochs=1", "--seed", "9", "--out", _folder.At("second")).Succeeded();
        SioProcess.Run(["extract", _folder.At("run"), "--out", _folder.At("bank"), .. sets]).Succeeded();
        SioProcess.Run(["extract", _folder.At("second"), "--out", _folder.At("bank2"), .. sets]).Succeeded();
        string[] settings = ["--set", "ensemble.measure=entropy"];
        SioProcess.Run(["evaluate", _folder.At("run"), "--ensemble", _folder.At("second"), .. settings]).Succeeded();
        SioProcess.Run(["score", _folder.At("bank"), "--ensemble", _folder.At("bank2"), "--out", _folder.At("scores"), .. settings]).Succeeded();
        var ofRuns = Npz.Read(_folder.At("run/scores/ensemble/blobs.npz"))["conf"].Elements<float>();
        var ofBanks = Npy.Read(_folder.At("scores/ensemble/test_blobs.npy")).Elements<float>();
        Assert.All(ofRuns.Zip(ofBanks), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        Assert.NotEqual(Npy.Read(_folder.At("scores/entropy/test_blobs.npy")).Elements<float>(), ofBanks);
        using var json = JsonDocument.Parse(File.ReadAllText(_folder.At("run/results.json")));
        var run = json.RootElement.GetProperty("arms")[0].GetProperty("runs")[0];
        Assert.Equal(_folder.At("second"), run.GetProperty("ensemble")[0].GetString());
        Assert.True(run.GetProperty("detectors").TryGetProperty("ensemble", out _));
        Assert.True(run.GetProperty("detectors").TryGetProperty("msp", out _));

        Refused(SioProcess.Run("evaluate", _folder.At("run"), "--detectors", "ensemble"), "ensemble: needs several networks", "--ensemble");
        Refused(SioProcess.Run("evaluate", _folder.At("run"), "--ensemble", _folder.At("run") + "/"), "counts once");
        Refused(SioProcess.Run("evaluate", _folder.At("run"), "--ensemble", _folder.At("nowhere")), _folder.At("nowhere"), "is no run");
        Refused(SioProcess.Run("score", _folder.At("bank"), "--ensemble", _folder.At("nowhere"), "--out", _folder.At("refused")), _folder.At("nowhere"));
        Assert.Equal(2, SioProcess.Run("evaluate", _folder.At("run"), "--ensemble", ",").ExitCode);
    }

    [Fact]
    public void Chosen_sets_join_those_that_are_there_unless_another_network_made_them()
    {
        Train("--set", "data.train_images=120");
        var bank = _folder.At("bank");
        SioProcess.Run("extract", _folder.At("run"), "--sets", "id,blobs", "--out", bank).Succeeded();
        Assert.Equal(8, Directory.GetFiles(bank).Length);
        SioProcess.Run("extract", _folder.At("run"), "--sets", "train", "--out", bank).Succeeded();
        Assert.Equal(11, Directory.GetFiles(bank).Length);
        Refused(SioProcess.Run("extract", _folder.At("run"), "--sets", "id,blob", "--out", bank), "'blob'", "train, val, val_ood, id, fashion_mnist_4");
        Npy.Write<float>(Path.Combine(bank, "fc_bias.npy"), new float[6], 6);
        Refused(SioProcess.Run("extract", _folder.At("run"), "--sets", "train", "--out", bank), "another network", "fc_bias.npy");
        Assert.Equal(2, SioProcess.Run("extract", _folder.At("run")).ExitCode);
        Refused(SioProcess.Run("extract", _folder.At("nowhere"), "--out", bank), _folder.At("nowhere"));
    }

    [Fact]
    public void Settings_on_the_command_line_have_the_last_word()
    {
        Train("--set", "evaluation.settings=[knn.k=7]");
        float[] Knn(params string[] more)
        {
            var outcome = SioProcess.Run(["evaluate", _folder.At("run"), "--detectors", "all", .. more]);
            Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
            return Npz.Read(_folder.At("run/scores/knn/blobs.npz"))["conf"].Elements<float>();
        }

        var recipe = Knn();
        Assert.NotEqual(recipe, Knn("--set", "knn.k=2"));
        Assert.Equal(recipe, Knn("--set", "knn.k=2", "--set", "knn.k=7"));

        // More neighbours than training images: left out of all, refused by name.
        var skipped = SioProcess.Run("evaluate", _folder.At("run"), "--detectors", "all", "--set", "knn.k=1000");
        Assert.Equal((0, ""), (skipped.ExitCode, skipped.Errors));
        Assert.Contains("knn", skipped.Output[skipped.Output.IndexOf("Skipped:", StringComparison.Ordinal)..], StringComparison.Ordinal);
        using var json = JsonDocument.Parse(File.ReadAllText(_folder.At("run/results.json")));
        var run = json.RootElement.GetProperty("arms")[0].GetProperty("runs")[0];
        Assert.Contains("1000", run.GetProperty("skipped").GetProperty("knn").GetString(), StringComparison.Ordinal);
        Assert.False(run.GetProperty("detectors").TryGetProperty("knn", out _));
        Refused(SioProcess.Run("evaluate", _folder.At("run"), "--detectors", "knn", "--set", "knn.k=1000"), "knn: k = 1000");
        Assert.Equal(2, SioProcess.Run("evaluate", _folder.At("run"), "--set", "knn.kk=3").ExitCode);
        Refused(SioProcess.Run("evaluate", _folder.At("run"), "--set", "training.epochs=3"), "no detector 'training'");
    }

    [Fact]
    public void Validation_images_are_those_that_nothing_else_sees()
    {
        var all = BenchmarkCatalog.Load("fashion_mnist_6_4", new BenchmarkOptions { Folder = _folder.Data });
        Assert.Null(all.Validation);
        var data = BenchmarkCatalog.Load("fashion_mnist_6_4", new BenchmarkOptions { Folder = _folder.Data, TrainImages = 120, ValidationImages = 30, SubsetSeed = 4 });

        // What is trained on does not depend on them.
        Assert.Equal(all.Train.Take(120, seed: 4).Pixels, data.Train.Pixels);
        Assert.Equal(Enumerable.Repeat(5, 6), data.Validation!.Labels.CountBy(label => label).Select(entry => entry.Value));
        HashSet<string> Pictures(ImageSet set) => [.. Enumerable.Range(0, set.Count).Select(i => Convert.ToHexString(set.Image(i)))];
        var validation = Pictures(data.Validation);
        Assert.Equal(30, validation.Count);
        Assert.Empty(validation.Intersect(Pictures(data.Train)));
        Assert.Empty(validation.Intersect(Pictures(data.Test)));
        Assert.Subset(Pictures(all.Train), validation);
        Assert.NotEqual(validation, Pictures(BenchmarkCatalog.Load("fashion_mnist_6_4", new BenchmarkOptions { Folder = _folder.Data, TrainImages = 120, ValidationImages = 30, SubsetSeed = 5 }).Validation!));

        // At most what is left, and none where none is asked for.
        Assert.Equal(60, BenchmarkCatalog.Load("fashion_mnist_6_4", new BenchmarkOptions { Folder = _folder.Data, TrainImages = 120 }).Validation!.Count);
        Assert.Null(BenchmarkCatalog.Load("fashion_mnist_6_4", new BenchmarkOptions { Folder = _folder.Data, TrainImages = 120, ValidationImages = 0 }).Validation);
        Assert.Null(BenchmarkCatalog.Load("fashion_mnist_6_4", new BenchmarkOptions { Folder = _folder.Data, TrainImages = 180 }).Validation);
    }

    [Fact]
    public void A_run_without_validation_images_has_none_to_extract()
    {
        Train();
        Refused(SioProcess.Run("extract", _folder.At("run"), "--sets", "val", "--out", _folder.At("bank")), "no validation images", "data.train_images");
        Refused(SioProcess.Run("extract", _folder.At("run"), "--sets", "val_ood", "--out", _folder.At("bank")), "no OOD validation images", "data.validation_ood");
        Assert.False(Directory.Exists(_folder.At("bank")));
    }

    private static void Refused(Outcome outcome, params string[] parts)
    {
        Assert.True(outcome.ExitCode == 1, $"exit code {outcome.ExitCode}: {outcome.Errors}{outcome.Output}");
        Assert.StartsWith("error: ", outcome.ErrorLine, StringComparison.Ordinal);
        foreach (var part in parts)
            Assert.Contains(part, outcome.ErrorLine, StringComparison.Ordinal);
    }

    private void Train(params string[] more)
    {
        var outcome = SioProcess.Run(["train", _folder.Recipe, "--set", "training.epochs=1", "--out", _folder.At("run"), .. more]);
        Assert.True(outcome.ExitCode == 0, outcome.Errors);
    }
}
