using Sio.Data;

namespace Sio.Cli.Tests.Commands;

/// <summary><c>sio score --model</c>: a model trained in Python, given as TorchScript and images.</summary>
public sealed class ScoreModelTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sio-test-").FullName;

    private string Output => Path.Combine(_root, "scores");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void All_detectors_run_and_ODINs_scores_are_the_originals()
    {
        var bank = Bank().Normalized();
        var outcome = Score(bank, ImageBank.Model, "--mean", ImageBank.Mean, "--std", ImageBank.Std);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        AssertOdin();

        // These need the last layer, which is in the model alone, or the training images' features, which are in the folder alone.
        foreach (var detector in new[] { "vim", "react", "knn", "mds", "msp" })
            Assert.Equal(40, Scores(detector, "near").Length);
        var skipped = outcome.Output[outcome.Output.IndexOf("Skipped:", StringComparison.Ordinal)..];
        Assert.Contains("rankfeat", skipped, StringComparison.Ordinal);
        Assert.Contains("\n  godin ", skipped, StringComparison.Ordinal);
        Assert.DoesNotContain(" odin", skipped, StringComparison.Ordinal);
        Assert.Contains("model.pt: 120 images", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Shifted_images_need_no_labels_either()
    {
        var bank = Bank().Normalized();
        File.Copy(bank.At("images_near.npy"), bank.At("shifted_rain_images.npy"));
        var outcome = Score(bank, ImageBank.Model, "--detectors", "msp", "--metrics", "all");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        Assert.Contains("Full spectrum, ID = id + rain:", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("Accuracy: rain – (no labels).", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Raw_images_score_as_normalised_ones_with_the_options_or_the_folders_file()
    {
        Score(Bank().Normalized(), ImageBank.Model, "--detectors", "odin,msp", "--std", ImageBank.Std).Succeeded();
        var (odin, msp) = (Scores("odin", "near"), Scores("msp", "far"));
        AssertOdin();
        var bank = Bank("raw").Raw();
        var refused = Score(bank, ImageBank.Model, "--detectors", "msp");
        Refused(refused, "_images.npy", "--mean", "--std");
        foreach (var options in new string[][] { ["--mean", ImageBank.Mean, "--std", ImageBank.Std], [] })
        {
            if (options.Length == 0)
                File.WriteAllText(bank.At("normalization.json"), $$"""{"mean": [{{ImageBank.Mean}}], "std": [{{ImageBank.Std}}]}""");
            Directory.Delete(Output, recursive: true);
            Score(bank, ImageBank.Model, ["--detectors", "odin,msp", .. options]).Succeeded();
            Assert.Equal(odin, Scores("odin", "near"));
            Assert.Equal(msp, Scores("msp", "far"));
        }

        Refused(Score(bank, ImageBank.Model, "--mean", "0.5", "--std", "0.5"), "3 channels", "the normalisation has 1");
    }

    [Fact]
    public void A_step_in_pixel_values_needs_the_deviations()
    {
        var bank = Bank().Normalized();
        Refused(Score(bank, ImageBank.Model, "--detectors", "odin"), "odin: ", "--std");
        var all = Score(bank, ImageBank.Model, "--detectors", "all", "--set", "knn.k=9");
        all.Succeeded();
        Assert.Contains("--std", all.Output.Split('\n').Single(line => line.StartsWith("  odin ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Score(bank, ImageBank.Model, "--detectors", "odin", "--set", "odin.noise=0").Succeeded();
    }

    [Fact]
    public void Without_a_last_layer_the_detectors_that_need_none_run()
    {
        var bank = Bank().Normalized();
        var frozen = ImageBank.OtherModel("reference_frozen");
        var all = Score(bank, frozen, "--std", ImageBank.Std);
        Assert.Equal((0, ""), (all.ExitCode, all.Errors));
        Assert.Contains("needs the linear last layer", all.Output.Split('\n').Single(line => line.StartsWith("  vim ", StringComparison.Ordinal)), StringComparison.Ordinal);
        AssertOdin();
        Assert.True(File.Exists(Path.Combine(Output, "mds", "test_near.npy")));
        Refused(Score(bank, frozen, "--detectors", "vim"), "vim: needs the linear last layer", "fc_weight.npy");

        // Given as files it is used, once it is seen to be this model's.
        Npy.Write<float>(bank.At("fc_weight.npy"), new float[640], 10, 64);
        Npy.Write<float>(bank.At("fc_bias.npy"), new float[10], 10);
        Refused(Score(bank, frozen, "--detectors", "vim"), "fc_weight.npy", "do not give the model's logits");
    }

    [Fact]
    public void Labels_are_needed_where_a_detector_asks_for_them()
    {
        var bank = Bank().Normalized();
        foreach (var part in new[] { "features", "logits", "labels" })
            File.Delete(bank.At($"train_{part}.npy"));
        File.Copy(bank.At("images_id.npy"), bank.At("train_images.npy"));
        Refused(Score(bank, ImageBank.Model, "--detectors", "mds"), "mds: train has no labels", "train_labels.npy");
        Score(bank, ImageBank.Model, "--detectors", "knn", "--set", "knn.k=3").Succeeded();
        Npy.Write<long>(bank.At("train_labels.npy"), new long[41]);
        Refused(Score(bank, ImageBank.Model, "--detectors", "knn"), "train_labels.npy", "(41,)", "(40,)");
        Npy.Write<long>(bank.At("train_labels.npy"), [.. Enumerable.Repeat(0L, 39), 10]);
        Refused(Score(bank, ImageBank.Model, "--detectors", "knn"), "label 10 of image 39");
    }

    [Fact]
    public void Models_that_give_other_things_are_refused()
    {
        var bank = Bank().Normalized();
        Refused(Score("single"), "expected logits [32,classes] and features [32,size]");
        Refused(Score("flat"), "expected logits");
        Refused(Score("two_images_only"), "TorchScript");
        Refused(Score("dictionary"), "expected (logits, features)");

        // Other sizes than those of the sets that come as features.
        Refused(Score("means"), "train_features.npy", "(images, 96)");

        Outcome Score(string model) => this.Score(bank, ImageBank.OtherModel(model), "--detectors", "msp", "--std", ImageBank.Std);
    }

    [Fact]
    public void Features_before_logits_are_seen_by_the_last_layer()
    {
        var bank = Bank().Normalized();
        Refused(Score(bank, ImageBank.OtherModel("swapped"), "--detectors", "msp"), "returns features", "expected (logits, features)");
    }

    [Fact]
    public void Features_of_another_model_do_not_go_with_this_ones()
    {
        var bank = Bank().Normalized();
        var logits = Npy.Read(bank.At("val_logits.npy"));
        Npy.Write<float>(bank.At("val_logits.npy"), [.. logits.Elements<float>().Reverse()], logits.Shape);
        Refused(Score(bank, ImageBank.Model, "--detectors", "msp"), "val_features.npy", "another model's");
    }

    [Fact]
    public void Files_that_are_no_model_or_no_images_are_named()
    {
        var bank = Bank().Normalized();
        Refused(Score(bank, Path.Combine(AppContext.BaseDirectory, "Fixtures", "lenet.ckpt")), "lenet.ckpt", "torch.jit.trace", "sio import");
        var file = Path.Combine(_root, "model.pt");
        Refused(Score(bank, file), file, "does not exist");
        File.WriteAllText(file, "weights");
        Refused(Score(bank, file), file, "TorchScript was expected");
        Npy.Write<float>(bank.At("test_far_images.npy"), new float[12], 4, 3);
        Refused(Score(bank, ImageBank.Model), "test_far_images.npy", "(4, 3)", "(images, channels, height, width)");
        Npy.Write<float>(bank.At("test_far_images.npy"), [], 0, 3, 32, 32);
        Refused(Score(bank, ImageBank.Model), "test_far_images.npy", "no images");
        var images = new float[2 * 3072];
        images[3072 + 5] = float.NaN;
        Npy.Write<float>(bank.At("test_far_images.npy"), images, 2, 3, 32, 32);
        Refused(Score(bank, ImageBank.Model), "test_far: image 1 ", "NaN or infinite");
        Npy.Write<float>(bank.At("test_far_images.npy"), new float[2048], 2, 1, 32, 32);
        Refused(Score(bank, ImageBank.Model), "TorchScript");
        Refused(SioProcess.Run("score", bank.Folder, "--out", Output), "fc_weight.npy", "images", "--model");
        Refused(Score(new ImageBank(Path.Combine(_root, "none")), ImageBank.Model), "no images", "test_id_images.npy");
        Assert.False(Directory.Exists(Path.Combine(Output, "msp")));
    }

    [Theory]
    [InlineData("--mean", "0.5", "--std", "0.5")]
    [InlineData("--model", "m.pt", "--mean", "0.5")]
    [InlineData("--model", "m.pt", "--mean", "0.5,0.5", "--std", "0.5")]
    [InlineData("--model", "m.pt", "--std", "0")]
    [InlineData("--model", "m.pt", "--std", "a,b")]
    public void Options_that_do_not_go_together_are_usage_errors(params string[] options) =>
        Assert.Equal(2, SioProcess.Run(["score", _root, "--out", Output, .. options]).ExitCode);

    private static void Refused(Outcome outcome, params string[] parts)
    {
        Assert.True(outcome.ExitCode == 1, $"exit code {outcome.ExitCode}: {outcome.Errors}{outcome.Output}");
        Assert.DoesNotContain("a bug", outcome.ErrorLine, StringComparison.Ordinal);
        foreach (var part in parts)
            Assert.Contains(part, outcome.ErrorLine, StringComparison.Ordinal);
    }

    private ImageBank Bank(string name = "bank") => new(Path.Combine(_root, name));

    private Outcome Score(ImageBank bank, string model, params string[] more) => SioProcess.Run(["score", bank.Folder, "--model", model, "--out", Output, .. more]);

    private float[] Scores(string detector, string split) => Npy.Read(Path.Combine(Output, detector, $"test_{split}.npy")).Elements<float>();

    // To a small part of the scores' spread, which is some 1e-3: a pixel whose gradient is within rounding of zero may move the other way.
    private void AssertOdin()
    {
        foreach (var split in ImageBank.Splits)
        {
            var expected = ImageBank.Scores("odin", split);
            var mean = expected.Average(value => (double)value);
            var spread = Math.Sqrt(expected.Average(value => (value - mean) * (value - mean)));
            Assert.All(expected.Zip(Scores("odin", split)), pair => Assert.Equal(pair.First, pair.Second, 2e-3 * spread));
        }
    }
}
