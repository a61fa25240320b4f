using Sio.Data;

namespace Sio.Cli.Tests.Commands;

/// <summary><c>sio extract --model</c>: the images of a recipe through a TorchScript model, into a bank that <c>sio score</c> takes with and without the model.</summary>
public sealed class ExtractModelTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private static string Model => ImageBank.OtherModel("hidden");

    private string Bank => _folder.At("bank");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_bank_of_features_and_images_scores_alike_with_and_without_the_model()
    {
        var extracted = SioProcess.Run("extract", _folder.Recipe, "--model", Model, "--images", "--sets", "train,id,blobs", "--out", Bank);
        Assert.Equal((0, ""), (extracted.ExitCode, extracted.Errors));
        Assert.Contains("test_blobs (20)", extracted.Output, StringComparison.Ordinal);
        string[] files = ["fc_bias.npy", "fc_weight.npy", "normalization.json",
            .. new[] { "test_blobs", "test_id", "train" }.SelectMany(set => new[] { $"{set}_features.npy", $"{set}_images.npy", $"{set}_labels.npy", $"{set}_logits.npy" })];
        Assert.Equal(files, Directory.GetFileSystemEntries(Bank).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal([20L, 28L, 28L, 1L], Npy.Read(Path.Combine(Bank, "test_blobs_images.npy")).Shape);
        Assert.Equal([6L, 12L], Npy.Read(Path.Combine(Bank, "fc_weight.npy")).Shape);

        SioProcess.Run("score", Bank, "--detectors", "msp,knn", "--set", "knn.k=5", "--out", _folder.At("features")).Succeeded();
        SioProcess.Run("score", Bank, "--detectors", "msp,knn,odin", "--set", "knn.k=5", "--model", Model, "--out", _folder.At("images")).Succeeded();
        foreach (var detector in new[] { "msp", "knn" })
            Assert.All(Scores("features", detector).Zip(Scores("images", detector)), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        Assert.Equal(20, Scores("images", "odin").Length);

        // Nor do other features come beside these images, nor another normalisation beside this one.
        Refused(SioProcess.Run("extract", _folder.Recipe, "--model", Model, "--sets", "blobs,id", "--out", Bank), "test_id_images.npy", "--images");
        Refused(SioProcess.Run("extract", _folder.Recipe, "--model", Model, "--mean", "0.1", "--std", "0.9", "--sets", "id", "--out", Bank), "normalization.json differs");
    }

    [Fact]
    public void Features_alone_follow_the_normalisation_that_is_given()
    {
        float[] Features(params string[] more)
        {
            SioProcess.Run(["extract", _folder.Recipe, "--model", Model, "--sets", "id", "--out", Bank, .. more]).Succeeded();
            Assert.False(File.Exists(Path.Combine(Bank, "test_id_images.npy")));
            var features = Npy.Read(Path.Combine(Bank, "test_id_features.npy")).Elements<float>();
            Directory.Delete(Bank, recursive: true);
            return features;
        }

        Assert.NotEqual(Features(), Features("--mean", "0.1", "--std", "0.9"));
    }

    [Fact]
    public void What_is_missing_or_of_another_kind_is_named()
    {
        Assert.Equal(2, SioProcess.Run("extract", _folder.Recipe, "--out", Bank).ExitCode);
        Assert.Equal(2, SioProcess.Run("extract", _folder.Recipe, "--model", Model, "--std", "0.5", "--out", Bank).ExitCode);
        Refused(SioProcess.Run("extract", _folder.Recipe, "--model", _folder.Recipe, "--out", Bank), "TorchScript was expected");
        Refused(SioProcess.Run("extract", _folder.Recipe, "--model", Model, "--mean", "0,0,0", "--std", "1,1,1", "--out", Bank), "1 channels", "has 3");
        Refused(SioProcess.Run("extract", _folder.Recipe, "--model", Model, "--sets", "blob", "--out", Bank), "'blob'");
        Refused(SioProcess.Run("extract", _folder.Recipe, "--model", ImageBank.Model, "--out", Bank), "TorchScript");
        Refused(SioProcess.Run("extract", _folder.Recipe, "--model", ImageBank.OtherModel("rows"), "--out", Bank), "no weights of the model", "sio score --model");
        Assert.False(Directory.Exists(Bank));
    }

    private static void Refused(Outcome outcome, params string[] parts)
    {
        Assert.True(outcome.ExitCode == 1, $"exit code {outcome.ExitCode}: {outcome.Errors}{outcome.Output}");
        foreach (var part in parts)
            Assert.Contains(part, outcome.ErrorLine, StringComparison.Ordinal);
    }

    private float[] Scores(string folder, string detector) => Npy.Read(_folder.At($"{folder}/{detector}/test_blobs.npy")).Elements<float>();
}
