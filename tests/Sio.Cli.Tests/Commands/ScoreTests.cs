using System.Text.Json;
using Sio.Data;
using Sio.Detection;
using Sio.Evaluation;
using Sio.Experiments.Results;

namespace Sio.Cli.Tests.Commands;

/// <summary><c>sio score</c> on a bank of features that no program of ours has written.</summary>
public sealed class ScoreTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sio-test-").FullName;
    private readonly SmallBank _bank;

    public ScoreTests() => _bank = new SmallBank(Path.Combine(_root, "bank"));

    private string Output => Path.Combine(_root, "scores");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void All_detectors_score_what_they_can_and_the_rest_is_listed()
    {
        var outcome = Score();
        Assert.Equal(0, outcome.ExitCode);
        // Of a bank that is this small the validation images are all classified right.
        Assert.StartsWith("warning: tempscale: T = 0.05 is the bound of the search", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.All(outcome.Output.Split('\n').TakeWhile(line => line != "Skipped:"), line => Assert.True(line.Length <= 80, line));
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Output, "metrics.json")));
        var scored = json.RootElement.EnumerateObject().ToArray();
        var skipped = Skipped(outcome);
        Assert.Equal(Catalog<Detector>.Names, scored.Select(detector => detector.Name).Concat(skipped).Order(StringComparer.Ordinal));
        foreach (var name in new[] { "msp", "mls", "ebo", "knn" })
            Assert.Contains(name, scored.Select(detector => detector.Name));
        foreach (var detector in scored)
        {
            Assert.Equal(["far_away", "near"], detector.Value.EnumerateObject().Select(set => set.Name));
            var id = Scores(detector.Name, "test_id");
            foreach (var set in detector.Value.EnumerateObject())
            {
                Assert.Equal(ResultMetric.All.Where(metric => metric.IsPerSet).Select(metric => metric.Name), set.Value.EnumerateObject().Select(property => property.Name));
                var metrics = OodMetrics.Compute(id, Scores(detector.Name, "test_" + set.Name));
                Assert.Equal(metrics.Auroc, set.Value.GetProperty("auroc").GetDouble(), 9);
                Assert.Equal(metrics.Fpr95, set.Value.GetProperty("fpr95").GetDouble(), 9);
            }

            Assert.Equal(["test_far_away.npy", "test_id.npy", "test_near.npy"], Directory.GetFiles(Path.Combine(Output, detector.Name)).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        }

        // The maximum logit is the largest of the first three features here: worked out without any of our tensors.
        var logits = Npy.Read(_bank.At("test_near_logits.npy")).Elements<float>();
        Assert.Equal(logits.Chunk(SmallBank.Classes).Select(row => row.Max()), Scores("mls", "test_near"));
    }

    [Fact]
    public void Chosen_detectors_take_settings_and_settings_change_scores()
    {
        Score("--detectors", "knn").Succeeded();
        var before = Scores("knn", "test_id");
        Score("--detectors", "knn,msp", "--set", "knn.k=10", "--set", "knn.K=3").Succeeded();
        Assert.NotEqual(before, Scores("knn", "test_id"));
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Output, "metrics.json")));
        Assert.Equal(["knn", "msp"], json.RootElement.EnumerateObject().Select(detector => detector.Name));
    }

    [Fact]
    public void What_a_bank_does_not_support_is_skipped_and_an_error_when_asked_for()
    {
        _bank.Delete("train");
        var all = Score();
        Assert.Equal(0, all.ExitCode);
        Assert.Contains("knn", Skipped(all));
        Assert.Contains("needs the training set to fit on", all.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(Output, "knn")));
        Assert.True(File.Exists(Path.Combine(Output, "msp", "test_id.npy")));
        Directory.Delete(Output, recursive: true);
        Refused(Score("--detectors", "msp,knn"), "knn: needs the training set");
        Assert.False(Directory.Exists(Output));
    }

    [Fact]
    public void A_setting_that_does_not_fit_the_bank_skips_or_is_an_error_when_asked_for()
    {
        var all = Score("--set", "knn.k=91");
        all.Succeeded();
        Assert.Contains("knn", Skipped(all));
        Refused(Score("--detectors", "knn", "--set", "knn.k=91"), "knn: ", "91");
    }

    [Fact]
    public void Wrong_names_and_settings_are_refused()
    {
        Refused(Score("--detectors", "mspp"), "mspp", "ebo");
        foreach (var setting in new[] { "knn", "knn=3", "k=3", "knn.k", "knn.k=many", "knn.neighbours=3" })
            Assert.Equal(2, Score("--set", setting).ExitCode);
        // A setting that would change nothing.
        var unused = Score("--detectors", "msp", "--set", "knn.k=3");
        Assert.Equal(2, unused.ExitCode);
        Assert.Contains("knn is not among the detectors (msp)", unused.ErrorLine, StringComparison.Ordinal);
        Assert.Equal(2, SioProcess.Run("score", _bank.Folder).ExitCode);
        Assert.False(Directory.Exists(Output));
    }

    [Theory]
    [InlineData("fc_weight.npy")]
    [InlineData("fc_bias.npy")]
    [InlineData("train_logits.npy")]
    [InlineData("val_labels.npy")]
    [InlineData("test_id_features.npy")]
    [InlineData("test_near_features.npy")]
    [InlineData("test_near_logits.npy")]
    public void A_missing_file_is_named(string file)
    {
        File.Delete(_bank.At(file));
        Refused(Score(), file);
    }

    [Fact]
    public void Missing_banks_and_sets_are_named()
    {
        Refused(SioProcess.Run("score", Path.Combine(_root, "nowhere"), "--out", Output), Path.Combine(_root, "nowhere"), "not found");
        _bank.Delete("test_near");
        _bank.Delete("test_far_away");
        Refused(Score(), "no OOD set", "test_near_features.npy");
    }

    [Fact]
    public void Other_shapes_and_types_are_named()
    {
        Bad<float>("fc_weight.npy", new float[24], [24], "(24,)", "(classes, features)");
        Bad<float>("fc_weight.npy", new float[3 * 7], [3, 7], "train_features.npy", "(90, 8)", "(images, 7)", "(3, 7)");
        Bad<float>("fc_bias.npy", new float[4], [4], "(4,)", "(3,)");
        Bad<float>("test_near_features.npy", new float[30 * 9], [30, 9], "(30, 9)", "(images, 8)");
        Bad<int>("test_near_features.npy", new int[30 * 8], [30, 8], "int32", "floats of shape");
        Bad<float>("test_near_logits.npy", new float[30 * 4], [30, 4], "(30, 4)", "(images, 3)");
        Bad<float>("test_near_logits.npy", new float[29 * 3], [29, 3], "29 rows", "30");
        Bad<long>("test_near_labels.npy", new long[29], [29], "(29,)", "(30,)");
        Bad<float>("train_labels.npy", new float[90], [90], "integers");
        Bad<long>("train_labels.npy", [.. Enumerable.Repeat(0L, 89), 3], [90], "label 3 of image 89", "0..2");
        Bad<float>("test_id_features.npy", [], [0, 8], "no images");
    }

    [Fact]
    public void Known_images_in_an_OOD_set_are_counted()
    {
        foreach (var part in new[] { "features", "logits" })
        {
            var (id, near) = (Npy.Read(_bank.At($"test_id_{part}.npy")), Npy.Read(_bank.At($"test_near_{part}.npy")));
            id.Elements<float>().AsSpan(0, (int)id.Shape[1]).CopyTo(near.Elements<float>());
            Npy.Write(_bank.At($"test_near_{part}.npy"), near);
        }

        Assert.Contains("warning: 1 of the 30 images of test_near have the very features and logits of images of test_id", Score("--detectors", "msp").Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("train_features.npy", "train")]
    [InlineData("test_near_features.npy", "test_near")]
    [InlineData("test_near_logits.npy", "test_near")]
    public void Values_that_are_no_numbers_are_refused_with_the_image(string file, string set)
    {
        foreach (var value in new[] { float.NaN, float.PositiveInfinity })
        {
            var array = Npy.Read(_bank.At(file));
            var width = (int)array.Shape[1];
            array.Elements<float>()[(17 * width) + 1] = value;
            Npy.Write(_bank.At(file), array);
            Refused(Score(), set, "image 17", "NaN or infinite");
            Assert.False(Directory.Exists(Output));
        }
    }

    [Fact]
    public void A_truncated_file_is_named()
    {
        var file = _bank.At("test_far_away_features.npy");
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..500]);
        Refused(Score(), file, "truncated");
    }

    [Fact]
    public void An_output_that_cannot_be_written_stays_as_it_is()
    {
        Directory.CreateDirectory(Path.Combine(Output, "metrics.json"));
        Refused(Score(), "metrics.json");
        Assert.Equal(["metrics.json"], Directory.GetFileSystemEntries(Output).Select(Path.GetFileName));
        if (OperatingSystem.IsLinux())
            Refused(SioProcess.Run("score", _bank.Folder, "--out", "/proc/scores"), "/proc/scores");
    }

    private static string[] Skipped(Outcome outcome) =>
        [.. outcome.Output.Split('\n').SkipWhile(line => line != "Skipped:").Skip(1).TakeWhile(line => line.StartsWith("  ", StringComparison.Ordinal)).Select(line => line.Trim().Split(' ')[0])];

    private static void Refused(Outcome outcome, params string[] parts)
    {
        Assert.True(outcome.ExitCode == 1, $"exit code {outcome.ExitCode}: {outcome.Errors}{outcome.Output}");
        Assert.StartsWith("error: ", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.DoesNotContain("a bug", outcome.ErrorLine, StringComparison.Ordinal);
        foreach (var part in parts)
            Assert.Contains(part, outcome.ErrorLine, StringComparison.Ordinal);
    }

    private Outcome Score(params string[] more) => SioProcess.Run(["score", _bank.Folder, "--out", Output, .. more]);

    private float[] Scores(string detector, string set) => Npy.Read(Path.Combine(Output, detector, set + ".npy")).Elements<float>();

    private void Bad<T>(string file, T[] values, long[] shape, params string[] parts)
        where T : unmanaged
    {
        var good = File.ReadAllBytes(_bank.At(file));
        Npy.Write<T>(_bank.At(file), values, shape);
        Refused(Score(), [file, .. parts]);
        File.WriteAllBytes(_bank.At(file), good);
    }
}
