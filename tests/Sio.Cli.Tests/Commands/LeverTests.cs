using System.Text.Json;
using Sio.Data;

namespace Sio.Cli.Tests.Commands;

/// <summary>The levers of <c>synthetic:</c>, fine-tuning, and images that are trained on and tested with, as a user meets them.</summary>
public sealed class LeverTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_recipe_sets_them_all_and_the_resolved_one_says_so()
    {
        Npy.Write(_folder.At("weights.npy"), NpyArray.Create([.. Enumerable.Range(0, 120).Select(i => 1f + (i % 3))]));
        File.WriteAllText(_folder.Recipe, _folder.Text(
            $"""
            synthetic:
              path: '{_folder.Synthetic}'
              real_ratio: 1
              final_real_ratio: 0.5
              ratio_schedule: step
              order: continuous
              loss_weight: 0.3
              label_smoothing: 0.1
              separate_batch_norm: true
              weights: '{_folder.At("weights.npy")}'
            """));
        var trained = Train("--set", "network.name=resnet8_28x28");
        trained.Succeeded();
        Assert.Equal("", trained.Errors);
        var start = JsonDocument.Parse(File.ReadLines(_folder.At("run/log.jsonl")).First()).RootElement;
        Assert.Equal((16, 0, 8), (Int("real_per_batch"), Int("synthetic_per_batch"), Int("last_real_per_batch")));
        var recipe = File.ReadAllText(_folder.At("run/recipe.yml"));
        foreach (var line in new[] { "final_real_ratio: 0.5", "ratio_schedule: step", "loss_weight: 0.3", "label_smoothing: 0.1", "separate_batch_norm: true", "weights.npy" })
            Assert.Contains(line, recipe, StringComparison.Ordinal);
        SioProcess.Run("train", _folder.At("run/recipe.yml"), "--out", _folder.At("run"), "--resume").Succeeded();
        SioProcess.Run("evaluate", _folder.At("run"), "--detectors", "msp").Succeeded();

        // From there on, at another rate: fine-tuning.
        var tuned = SioProcess.Run("train", _folder.Recipe, "--out", _folder.At("tuned"), "--set", "network.name=resnet8_28x28", "--set", $"network.init='{_folder.At("run")}'", "--set", "training.epochs=1", "--set", "synthetic.real_ratio=0.5");
        tuned.Succeeded();
        Assert.Contains("run/checkpoint/model.safetensors", File.ReadAllText(_folder.At("tuned/recipe.yml")), StringComparison.Ordinal);

        int Int(string key) => start.GetProperty(key).GetInt32();
    }

    [Fact]
    public void What_they_cannot_be_is_named()
    {
        var weights = _folder.At("weights.npy");
        Npy.Write(weights, NpyArray.Create(new float[7]));
        Refused(Synthetic($"weights: '{weights}'"), weights, "(7,)", "(120,)");
        Npy.Write(weights, NpyArray.Create([.. Enumerable.Range(0, 120).Select(i => 0.5f - i)]));
        Refused(Synthetic($"weights: '{weights}'"), weights, "image 1 is -0.5");
        Refused(Synthetic($"weights: '{_folder.At("nowhere.npy")}'"), "nowhere.npy");
        Refused(Synthetic("loss_weight: 1.5"), "loss_weight", "1.5");
        Refused(Synthetic("label_smoothing: -1"), "label_smoothing", "-1");
        Refused(Synthetic("final_real_ratio: 2"), "final_real_ratio", "2");
        Refused(Synthetic("ratio_schedule: sudden"), "ratio_schedule", "sudden");
        Refused(Synthetic("separate_batch_norm: true"), "lenet has no batch norm");
        File.WriteAllText(_folder.Recipe, _folder.Text("synthetic:\n  final_real_ratio: 0.5"));
        Refused(Train(), "synthetic.final_real_ratio is 0.5", "--synthetic");
        File.WriteAllText(_folder.Recipe, _folder.Text());
        Refused(Train("--set", $"network.init='{_folder.At("nowhere")}'"), _folder.At("nowhere"));
        Directory.CreateDirectory(_folder.At("empty"));
        Refused(Train("--set", $"network.init='{_folder.At("empty")}'"), "model.safetensors");
        Assert.False(Directory.Exists(_folder.At("run")));

        Outcome Synthetic(string line)
        {
            File.WriteAllText(_folder.Recipe, _folder.Text($"synthetic:\n  path: '{_folder.Synthetic}'\n  {line}"));
            return Train();
        }
    }

    [Fact]
    public void Auxiliary_images_that_are_tested_with_are_reported_or_refused()
    {
        // Of the toy data's test images those with the labels 3, 4, 6 and 9 are the near-OOD set: images 3, 4, 6, 9, 13, …
        var test = FashionMnist.Load(Split.Test, _folder.Data);
        var shared = ImageSet.Concat("shared", NoiseImages.Uniform(20, 1, 28, 28, seed: 77), test.Select([3, 4, 13]).AsOutOfDistribution());
        Npz.Write(_folder.At("auxiliary.npz"), ("images", NpyArray.Create(shared.Pixels, shared.Count, 28, 28)));
        string[] exposure = ["--objective", "outlier_exposure", "--auxiliary", _folder.At("auxiliary.npz"), "--set", "objective.settings.auxiliary_batch_size=8", "--set", "training.epochs=1"];
        var warned = Train(exposure);
        warned.Succeeded();
        Assert.StartsWith("warning: 3 of the 24 images of the test set 'fashion_mnist_4' are among the auxiliary images", warned.ErrorLine, StringComparison.Ordinal);
        var entry = Assert.Single(JsonDocument.Parse(File.ReadLines(_folder.At("run/log.jsonl")).First()).RootElement.GetProperty("overlaps").EnumerateArray());
        Assert.Equal(("auxiliary", "fashion_mnist_4", 3, 24), (entry.GetProperty("images").GetString(), entry.GetProperty("test_set").GetString(), entry.GetProperty("in_common").GetInt32(), entry.GetProperty("of").GetInt32()));
        Refused(SioProcess.Run(["train", _folder.Recipe, "--out", _folder.At("other"), "--set", "objective.refuse_overlap=true", .. exposure]), "fashion_mnist_4", "refuse_overlap");
        Assert.False(Directory.Exists(_folder.At("other")));
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
