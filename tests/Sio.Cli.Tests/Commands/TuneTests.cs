using System.Text.Json;
using Sio.Data;
using Sio.Evaluation;

namespace Sio.Cli.Tests.Commands;

/// <summary><c>--tune</c>, on a bank and on a run.</summary>
public sealed class TuneTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private string Output => _folder.At("scores");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_bank_is_tuned_on_its_validation_sets()
    {
        var bank = new SmallBank(_folder.At("bank"));
        bank.AddValidationOod();
        var outcome = SioProcess.Run("score", bank.Folder, "--detectors", "ebo,gen,knn,msp", "--set", "gen.m=2", "--tune", "--out", Output);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        Assert.Contains("Tuning gen: 7 settings", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("Left out of the search:", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("  knn  k=100: ", outcome.Output, StringComparison.Ordinal);

        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Output, "report.json")));
        var measured = json.RootElement.GetProperty("detectors");
        Assert.False(measured.GetProperty("msp").TryGetProperty("tuned", out _));
        var gen = measured.GetProperty("gen").GetProperty("tuned");
        var tried = gen.GetProperty("tried").EnumerateArray().ToArray();
        Assert.Equal(7, tried.Length);
        Assert.Equal(tried.Max(one => one.GetProperty("auroc").GetDouble()), gen.GetProperty("auroc").GetDouble());
        Assert.StartsWith("gen.gamma=", Assert.Single(Texts(gen)), StringComparison.Ordinal);
        Assert.True(gen.TryGetProperty("default_auroc", out _));
        var knn = measured.GetProperty("knn").GetProperty("tuned");
        Assert.Equal(["knn.k=50"], Texts(knn));
        Assert.All(knn.GetProperty("tried").EnumerateArray().Skip(1), one => Assert.NotEmpty(one.GetProperty("refused").GetString()!));

        // The scores are those of the chosen setting, and the validation AUROC that of its validation scores.
        var untuned = _folder.At("untuned");
        SioProcess.Run("score", bank.Folder, "--detectors", "gen", "--set", "gen.m=2", "--set", Texts(gen)[0], "--out", untuned).Succeeded();
        foreach (var set in new[] { "test_id", "test_near" })
            Assert.Equal(Npy.Read(Path.Combine(untuned, "gen", set + ".npy")).Elements<float>(), Npy.Read(Path.Combine(Output, "gen", set + ".npy")).Elements<float>());
        var logits = (Id: Npy.Read(bank.At("val_logits.npy")).Elements<float>(), Ood: Npy.Read(bank.At("val_ood_logits.npy")).Elements<float>());
        double Ebo(float[] rows) => OodMetrics.Compute(Energies(logits.Id), Energies(rows)).Auroc;
        var ebo = measured.GetProperty("ebo").GetProperty("tuned");
        Assert.Equal(Ebo(logits.Ood), ebo.GetProperty("default_auroc").GetDouble(), 6);
    }

    [Fact]
    public void What_is_missing_for_the_search_is_named()
    {
        var bank = new SmallBank(_folder.At("bank"));
        Refused(SioProcess.Run("score", bank.Folder, "--tune", "--out", Output), "val_ood", "val_ood_features.npy");
        bank.AddValidationOod();
        bank.Delete("val");
        Assert.True(File.Exists(bank.At("train_features.npy")));
        bank.AddValidationOod();
        Refused(SioProcess.Run("score", bank.Folder, "--tune", "--out", Output), "val_features.npy");
        Assert.False(Directory.Exists(Output));

        // All training images are trained on.
        Train();
        Refused(SioProcess.Run("evaluate", _folder.At("run"), "--tune"), "tuning needs ID validation images", "data.train_images");
    }

    [Fact]
    public void A_test_set_does_not_choose()
    {
        var bank = new SmallBank(_folder.At("bank"));
        foreach (var part in new[] { "features", "logits", "labels" })
            File.Copy(bank.At($"test_near_{part}.npy"), bank.At($"val_ood_{part}.npy"));
        Refused(SioProcess.Run("score", bank.Folder, "--tune", "--out", Output), "val_ood", "test_near");
        Assert.False(Directory.Exists(Output));
    }

    [Fact]
    public void A_run_and_its_bank_are_tuned_alike()
    {
        Train("--set", "data.train_images=120");
        var run = _folder.At("run");
        var evaluated = SioProcess.Run("evaluate", run, "--detectors", "msp,ebo,knn,react,odin", "--tune");
        Assert.Equal((0, ""), (evaluated.ExitCode, evaluated.Errors));
        Assert.Contains("Tuning odin: 8 settings", evaluated.Output, StringComparison.Ordinal);
        Assert.Contains("Chosen by the AUROC", evaluated.Output, StringComparison.Ordinal);
        using var results = JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "results.json")));
        var detectors = results.RootElement.GetProperty("arms")[0].GetProperty("runs")[0].GetProperty("detectors");
        Assert.False(detectors.GetProperty("msp").TryGetProperty("tuned", out _));
        Assert.Equal(8, detectors.GetProperty("odin").GetProperty("tuned").GetProperty("tried").GetArrayLength());

        SioProcess.Run("extract", run, "--out", _folder.At("bank")).Succeeded();
        SioProcess.Run("score", _folder.At("bank"), "--detectors", "ebo,knn,react", "--tune", "--out", Output).Succeeded();
        using var report = JsonDocument.Parse(File.ReadAllText(Path.Combine(Output, "report.json")));
        foreach (var name in new[] { "ebo", "knn", "react" })
        {
            var (ofRun, ofBank) = (detectors.GetProperty(name).GetProperty("tuned"), report.RootElement.GetProperty("detectors").GetProperty(name).GetProperty("tuned"));
            // The run computes on one thread, the bank on all: a pair of scores may change places.
            Assert.Equal(ofRun.GetProperty("auroc").GetDouble(), ofBank.GetProperty("auroc").GetDouble(), 0.1);
            Assert.Equal(ofRun.GetProperty("tried").GetArrayLength(), ofBank.GetProperty("tried").GetArrayLength());
        }

        // As settings of an evaluation without a search they give the same results.
        var settings = Texts(detectors.GetProperty("react").GetProperty("tuned"));
        var tuned = Npz.Read(Path.Combine(run, "scores", "react", "blobs.npz"))["conf"].Elements<float>();
        SioProcess.Run("evaluate", run, "--detectors", "react", "--set", settings[0]).Succeeded();
        Assert.Equal(tuned, Npz.Read(Path.Combine(run, "scores", "react", "blobs.npz"))["conf"].Elements<float>());
    }

    [Fact]
    public void A_recipe_can_ask_for_it()
    {
        Train("--set", "data.train_images=120", "--set", "evaluation.tune=true", "--set", "evaluation.detectors=[ebo]");
        SioProcess.Run("evaluate", _folder.At("run")).Succeeded();
        using var results = JsonDocument.Parse(File.ReadAllText(_folder.At("run/results.json")));
        Assert.Equal(4, results.RootElement.GetProperty("arms")[0].GetProperty("runs")[0].GetProperty("detectors").GetProperty("ebo").GetProperty("tuned").GetProperty("tried").GetArrayLength());
        var nothing = SioProcess.Run("evaluate", _folder.At("run"), "--detectors", "msp");
        nothing.Succeeded();
        Assert.Contains("Tuned: nothing", nothing.Output, StringComparison.Ordinal);
    }

    private static float[] Energies(float[] logits) => [.. logits.Chunk(SmallBank.Classes).Select(row => (float)Math.Log(row.Sum(z => Math.Exp(z))))];

    private static string[] Texts(JsonElement tuned) => [.. tuned.GetProperty("settings").EnumerateArray().Select(setting => setting.GetString()!)];

    private static void Refused(Outcome outcome, params string[] parts)
    {
        Assert.True(outcome.ExitCode == 1, $"exit code {outcome.ExitCode}: {outcome.Errors}{outcome.Output}");
        Assert.StartsWith("error: ", outcome.ErrorLine, StringComparison.Ordinal);
        foreach (var part in parts)
            Assert.Contains(part, outcome.ErrorLine, StringComparison.Ordinal);
    }

    private void Train(params string[] more) =>
        SioProcess.Run(["train", _folder.Recipe, "--set", "training.epochs=1", "--out", _folder.At("run"), .. more]).Succeeded();
}
