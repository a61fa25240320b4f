using Sio.Data;

namespace Sio.Cli.Tests.Commands;

/// <summary>Bad input: one clear line on standard error, a non-zero exit code, and nothing half-written.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_truncated_IDX_file_is_named()
    {
        var file = Path.Combine(_folder.Data, "train-images-idx3-ubyte");
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..5000]);
        Refused(Train(), file);
    }

    [Fact]
    public void Counts_of_images_and_labels_that_differ_are_named()
    {
        var file = Path.Combine(_folder.Data, "train-labels-idx1-ubyte");
        byte[] labels = [0, 0, 8, 1, 0, 0, 0, 5, 0, 1, 2, 3, 4];
        File.WriteAllBytes(file, labels);
        Refused(Train(), file, "5");
    }

    [Fact]
    public void A_label_out_of_range_is_named()
    {
        var file = Path.Combine(_folder.Data, "train-labels-idx1-ubyte");
        var bytes = File.ReadAllBytes(file);
        bytes[^1] = 77;
        File.WriteAllBytes(file, bytes);
        Refused(Train(), file, "77");
    }

    [Fact]
    public void A_truncated_npz_file_is_named()
    {
        File.WriteAllBytes(_folder.Synthetic, File.ReadAllBytes(_folder.Synthetic)[..2000]);
        Refused(Train("--synthetic", _folder.Synthetic), _folder.Synthetic);
    }

    [Fact]
    public void A_synthetic_set_of_another_shape_is_named()
    {
        TestFolder.WriteSynthetic(_folder.Synthetic, [0, 1, 2], size: 32);
        Refused(Train("--synthetic", _folder.Synthetic), _folder.Synthetic, "1×32×32", "1×28×28");
    }

    [Fact]
    public void A_synthetic_set_of_another_type_is_named()
    {
        Npz.Write(_folder.Synthetic, ("images", NpyArray.Create(new float[3 * 784], 3, 28, 28, 1)), ("labels", NpyArray.Create(new long[3])));
        Refused(Train("--synthetic", _folder.Synthetic), _folder.Synthetic, "f4", "u1");
    }

    [Fact]
    public void A_synthetic_label_of_no_known_class_is_named()
    {
        TestFolder.WriteSynthetic(_folder.Synthetic, [0, 1, 4]);
        Refused(Train("--synthetic", _folder.Synthetic), _folder.Synthetic, "4");
    }

    [Fact]
    public void Synthetic_labels_and_images_of_different_number_are_named()
    {
        Npz.Write(_folder.Synthetic, ("images", NpyArray.Create(new byte[3 * 784], 3, 28, 28, 1)), ("labels", NpyArray.Create(new long[2])));
        Refused(Train("--synthetic", _folder.Synthetic), _folder.Synthetic, "3", "2");
    }

    [Theory]
    [InlineData("1.5")]
    [InlineData("-0.1")]
    [InlineData("NaN")]
    public void A_ratio_outside_0_to_1_is_wrong_use(string ratio)
    {
        var outcome = Train("--synthetic", _folder.Synthetic, "--real-ratio", ratio);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("expected a number from 0 to 1", outcome.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.At("run")));
    }

    [Fact]
    public void A_ratio_in_the_recipe_is_checked_too()
    {
        File.WriteAllText(_folder.Recipe, _folder.Text("synthetic:\n  real_ratio: 1.5"));
        Refused(Train(), _folder.Recipe, "real_ratio", "1.5");
    }

    [Fact]
    public void A_ratio_without_synthetic_images_is_refused() => Refused(Train("--real-ratio", "0.8"), "--synthetic");

    [Fact]
    public void A_recipe_with_a_typo_names_the_nearest_key()
    {
        File.WriteAllText(_folder.Recipe, _folder.Text("synthetic:\n  reel_ratio: 0.8"));
        Refused(Train(), _folder.Recipe, "synthetic.reel_ratio", "did you mean 'synthetic.real_ratio'");
    }

    [Fact]
    public void An_override_with_a_typo_is_wrong_use()
    {
        var outcome = Train("--set", "training.epoch=3");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("training.epochs", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Equal(2, Train("--set", "nonsense").ExitCode);
    }

    [Theory]
    [InlineData("network.name=lenett", "lenet, resnet18_224x224, resnet18_32x32, resnet8_28x28")]
    [InlineData("benchmark=cifar", "fashion_mnist_6_4, files")]
    [InlineData("evaluation.detectors=[mspp]", "there is no detector 'mspp'; there are: ")]
    [InlineData("device=gpu", "cuda:N")]
    [InlineData("device=cuda:63", "CUDA devices here")]
    [InlineData("data.train_images=100000", "100000 were asked for")]
    public void An_unknown_name_comes_with_those_that_exist(string setting, string expected) => Refused(Train("--set", setting), expected);

    [Fact]
    public void Missing_folders_are_named()
    {
        Refused(Train("--data", _folder.At("nowhere")), _folder.At("nowhere"));
        Refused(Train("--mnist", _folder.At("nowhere")), _folder.At("nowhere"));
        Refused(Train("--synthetic", _folder.At("nowhere")), _folder.At("nowhere"));
        Refused(SioProcess.Run("train", _folder.At("no.yml")), _folder.At("no.yml"));
        Refused(SioProcess.Run("evaluate", _folder.At("nowhere")), _folder.At("nowhere"));
    }

    [Fact]
    public void An_out_that_cannot_be_written_is_named()
    {
        var file = _folder.At("file");
        File.WriteAllText(file, "x");
        string[] places = OperatingSystem.IsLinux() ? ["/proc/run", "/dev/null/run"] : [];
        foreach (var place in (string[])[Path.Combine(file, "run"), .. places])
            Refused(SioProcess.Run("train", _folder.Recipe, "--out", place), place);
        Refused(SioProcess.Run("quickstart", "--data", _folder.Data, "--set", "data.train_images=60", "--out", Path.Combine(file, "quick")), file);
    }

    [Fact]
    public void A_checkpoint_of_another_network_or_a_damaged_one_is_named()
    {
        var run = _folder.At("run");
        Train("--set", "training.epochs=1").Succeeded();
        var recipe = Path.Combine(run, "recipe.yml");
        var text = File.ReadAllText(recipe);
        File.WriteAllText(recipe, text.Replace("name: lenet", "name: resnet8_28x28", StringComparison.Ordinal));
        var model = Path.Combine(run, "checkpoint", "model.safetensors");
        Refused(SioProcess.Run("evaluate", run), model, "another network");
        File.Delete(model);
        Refused(SioProcess.Run("evaluate", run), model, "--resume");
        Refused(SioProcess.Run("train", recipe, "--out", run, "--resume"), "last.safetensors", "lenet", "resnet8_28x28");
        File.WriteAllText(recipe, text);
        var last = Path.Combine(run, "checkpoint", "last.safetensors");
        File.WriteAllBytes(last, File.ReadAllBytes(last)[..1000]);
        Refused(SioProcess.Run("train", recipe, "--out", run, "--resume"), last);
        Assert.False(File.Exists(Path.Combine(run, "results.json")));
    }

    [Fact]
    public void Test_images_of_no_held_out_class_are_named_before_the_training()
    {
        var (images, labels) = (Path.Combine(_folder.Data, "t10k-images-idx3-ubyte"), Path.Combine(_folder.Data, "t10k-labels-idx1-ubyte"));
        File.WriteAllBytes(labels, [0, 0, 8, 1, 0, 0, 0, 2, 0, 1]);
        File.WriteAllBytes(images, [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28, .. new byte[2 * 784]]);
        Refused(Train(), "fashion_mnist_4", "no images");
        Assert.False(Directory.Exists(_folder.At("run")));
    }

    [Fact]
    public void MNIST_of_another_size_is_refused()
    {
        var mnist = Directory.CreateDirectory(_folder.At("mnist")).FullName;
        File.WriteAllBytes(Path.Combine(mnist, "t10k-labels-idx1-ubyte"), [0, 0, 8, 1, 0, 0, 0, 1, 0]);
        File.WriteAllBytes(Path.Combine(mnist, "t10k-images-idx3-ubyte"), [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 32, 0, 0, 0, 32, .. new byte[1024]]);
        Refused(Train("--mnist", mnist), "mnist", "1×32×32", "1×28×28");
    }

    [Fact]
    public void Seeds_beyond_the_largest_are_refused()
    {
        var output = _folder.At("quick");
        Refused(SioProcess.Run("quickstart", "--data", _folder.Data, "--set", "data.train_images=60", "--runs", "2", "--seed", "2147483647", "--out", output), "2147483647");
        Assert.False(Directory.Exists(output));
    }

    [Fact]
    public void A_run_without_weights_leaves_no_folder_for_results()
    {
        Train("--set", "training.epochs=1").Succeeded();
        File.Delete(_folder.At("run/checkpoint/model.safetensors"));
        Refused(SioProcess.Run("evaluate", _folder.At("run"), "--out", _folder.At("results")), "model.safetensors");
        Assert.False(Directory.Exists(_folder.At("results")));
    }

    [Fact]
    public void An_evaluation_that_cannot_write_its_results_changes_no_scores()
    {
        Train("--set", "training.epochs=1").Succeeded();
        var output = Directory.CreateDirectory(_folder.At("results")).FullName;
        Directory.CreateDirectory(Path.Combine(output, "results.json"));
        Refused(SioProcess.Run("evaluate", _folder.At("run"), "--out", output), "results.json");
        Assert.Equal(["results.json"], Directory.GetFileSystemEntries(output).Select(Path.GetFileName));
    }

    [Fact]
    public void A_new_training_leaves_no_scores_of_the_old_one()
    {
        Train("--set", "training.epochs=1").Succeeded();
        SioProcess.Run("evaluate", _folder.At("run")).Succeeded();
        File.WriteAllText(_folder.At("run/scores/mine.txt"), "mine");
        Assert.True(File.Exists(_folder.At("run/scores/knn/blobs.npz")));
        Train("--set", "training.epochs=1", "--overwrite").Succeeded();
        Assert.Empty(Directory.GetFiles(_folder.At("run"), "*.npz", SearchOption.AllDirectories));
        Assert.True(File.Exists(_folder.At("run/scores/mine.txt")));
    }

    [Fact]
    public void A_diverging_run_says_where_and_keeps_no_model()
    {
        var outcome = Train("--set", "training.learning_rate=1000");
        Refused(outcome, "learning rate", "step");
        Assert.False(File.Exists(_folder.At("run/checkpoint/model.safetensors")));
    }

    // G-ODIN has nothing of the kind: every network has penultimate features by its type.
    [Fact]
    public void What_a_training_method_lacks_is_named_before_the_first_step()
    {
        Refused(Train("--objective", "outlier_exposure"), "outlier_exposure needs auxiliary (outlier) images", "--auxiliary");
        Refused(Train("--objective", "outlier_exposure", "--auxiliary", _folder.At("nowhere")), _folder.At("nowhere"));
        var empty = Directory.CreateDirectory(_folder.At("empty")).FullName;
        Refused(Train("--objective", "pixmix", "--set", $"objective.settings.mixing_set='{empty}'"), $"the mixing set '{empty}' is a folder without pictures");
        Refused(Train("--objective", "vos"), "vos: class ", "sample_number");
        Refused(Train("--objective", "oe"), "there is no objective 'oe'", "outlier_exposure");
        Assert.False(Directory.Exists(_folder.At("run")));
    }

    [Fact]
    public void A_training_method_says_what_it_will_hardly_do()
    {
        var outcome = Train("--objective", "vos", "--set", "objective.settings.sample_number=110");
        outcome.Succeeded();
        Assert.StartsWith("warning: vos: the queues of 110 features per class are full after step ", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void Debug_shows_the_stack_trace()
    {
        var outcome = SioProcess.Run("train", _folder.At("no.yml"), "--debug");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("   at ", outcome.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("trian")]
    [InlineData("train")]
    [InlineData("metrics", "--id", "a.npy")]
    [InlineData("quickstart", "--runs", "0")]
    [InlineData("quickstart", "--runs", "many")]
    [InlineData("quickstart", "--real-ratio", "half")]
    [InlineData("evaluate", "run", "--no-such-option")]
    [InlineData("evaluate", "")]
    [InlineData("metrics", "--id", "", "--ood", "b.npy")]
    [InlineData("quickstart", "--out", "")]
    public void Wrong_use_ends_with_2(params string[] arguments)
    {
        var outcome = SioProcess.Run(arguments);
        Assert.Equal(2, outcome.ExitCode);
        Assert.NotEqual("", outcome.Errors.Trim());
    }

    private Outcome Train(params string[] more) => SioProcess.Run(["train", _folder.Recipe, "--out", _folder.At("run"), .. more]);

    private static void Refused(Outcome outcome, params string[] parts)
    {
        Assert.True(outcome.ExitCode == 1, $"exit code {outcome.ExitCode}: {outcome.Errors}{outcome.Output}");
        Assert.StartsWith("error: ", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.DoesNotContain("a bug", outcome.ErrorLine, StringComparison.Ordinal);
        foreach (var part in parts)
            Assert.Contains(part, outcome.ErrorLine, StringComparison.Ordinal);
    }
}
