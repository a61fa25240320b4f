using System.Text.Json;

namespace Sio.Cli.Tests.Commands;

/// <summary><c>sio generate</c> from the outside: a generator is trained, killed and resumed, and sampled in one piece and in several.</summary>
public sealed class GenerateTests : IDisposable
{
    private static readonly string[] s_small =
    [
        "--set", "threads=1", "--set", "training.steps=8", "--set", "training.batch_size=8", "--set", "training.checkpoint_every_steps=2", "--set", "training.sheet_every_steps=4",
        "--set", "training.keep_snapshots=[0.5]", "--set", "gan.generator_channels=4", "--set", "gan.discriminator_channels=4",
    ];

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_generator_is_trained_and_its_set_is_the_same_in_one_piece_and_in_several()
    {
        var run = _folder.At("run");
        var trained = SioProcess.Run(["generate", "train", "fashion_mnist_6_4", "--model", "gan", "--seed", "3", "--out", run, "--set", $"data.folder='{_folder.Data}'", .. s_small]);
        trained.Succeeded();
        Assert.Contains("step 8/8", trained.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(run, "samples", "step-000008.png")));
        Assert.Contains("generator_channels: 4", File.ReadAllText(Path.Combine(run, "recipe.yml")), StringComparison.Ordinal);

        // The real images are not needed any more.
        Directory.Delete(_folder.Data, recursive: true);
        string[] sample = ["generate", "sample", run, "--per-class", "20", "--seed", "5"];
        SioProcess.Run([.. sample, "--out", _folder.At("whole")]).Succeeded();
        SioProcess.Run([.. sample, "--out", _folder.At("a"), "--count", "70"]).Succeeded();
        SioProcess.Run([.. sample, "--out", _folder.At("b.npz"), "--from", "70"]).Succeeded();
        SioProcess.Run("generate", "join", _folder.At("b.npz"), _folder.At("a"), "--out", _folder.At("joined")).Succeeded();
        foreach (var file in new[] { "images.npy", "labels.npy", "provenance.json" })
            Assert.Equal(File.ReadAllBytes(_folder.At($"whole/{file}")), File.ReadAllBytes(_folder.At($"joined/{file}")));

        var set = Data.SyntheticSet.Load(_folder.At("whole"));
        Assert.Equal([20, 20, 20, 20, 20, 20], new[] { 0, 1, 2, 5, 7, 8 }.Select(label => set.Labels.Count(other => other == label)));
        var provenance = JsonDocument.Parse(File.ReadAllText(_folder.At("whole/provenance.json"))).RootElement;
        Assert.Equal("gan", provenance.GetProperty("generator").GetString());
        Assert.Equal(8, provenance.GetProperty("steps").GetInt32());
        Assert.Equal(5, provenance.GetProperty("seed").GetInt32());
        Assert.Contains("seed: 3", provenance.GetProperty("recipe").GetString(), StringComparison.Ordinal);
        Assert.Equal([0, 1, 2, 5, 7, 8], provenance.GetProperty("data").GetProperty("labels").EnumerateArray().Select(label => label.GetInt32()));
        var weights = File.ReadAllBytes(Path.Combine(run, "checkpoint", "model.safetensors"));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(weights)), provenance.GetProperty("weights_sha256").GetString());

        SioProcess.Run([.. sample, "--out", _folder.At("early.npz"), "--snapshot", "4"]).Succeeded();
        Assert.NotEqual(set.Pixels, Data.SyntheticSet.Load(_folder.At("early.npz")).Pixels);

        Refused("images 0 to 69 of the set are in none of the pieces", "generate", "join", _folder.At("b.npz"), "--out", _folder.At("c"));
        Refused("begins at image 0, which another piece has too", "generate", "join", _folder.At("a"), _folder.At("whole"), _folder.At("b.npz"), "--out", _folder.At("c"));
        Refused("not pieces of one set", "generate", "join", _folder.At("a"), _folder.At("early.npz"), "--out", _folder.At("c"));
        Refused("exists already", [.. sample, "--out", _folder.At("whole")]);
        Refused("kept are the steps 4", [.. sample, "--out", _folder.At("c"), "--snapshot", "5"]);
        Refused("has no piece of 1 from 120 on", [.. sample, "--out", _folder.At("c"), "--from", "120"]);
        var images = File.ReadAllBytes(_folder.At("a/images.npy"));
        images[^1] ^= 1;
        File.WriteAllBytes(_folder.At("a/images.npy"), images);
        Refused("are not those that", "generate", "join", _folder.At("a"), _folder.At("b.npz"), "--out", _folder.At("c"));
    }

    [Fact]
    public void A_killed_run_ends_with_the_same_bits()
    {
        // The labels 0, 1 and 2, thirty times each: a set of one's own.
        var own = _folder.At("own.npz");
        TestFolder.WriteSynthetic(own, [.. Enumerable.Range(0, 90).Select(i => (long)(i % 3))]);
        string[] longer = ["--set", "training.steps=60", "--set", "training.sheet_every_steps=0"];
        SioProcess.Run([.. Train(own, "undisturbed"), .. longer]).Succeeded();
        var last = _folder.At("killed/checkpoint/last.safetensors");
        using (var process = SioProcess.Start(null, [.. Train(own, "killed"), .. longer]))
        {
            while (!process.HasExited && !File.Exists(last))
                Thread.Sleep(2);
            SioProcess.Signal(process, "KILL");
            process.WaitForExit();
        }

        Assert.False(File.Exists(_folder.At("killed/checkpoint/model.safetensors")));
        SioProcess.Run([.. Train(own, "killed"), .. longer, "--resume"]).Succeeded();
        Assert.Equal(File.ReadAllBytes(_folder.At("undisturbed/checkpoint/model.safetensors")), File.ReadAllBytes(_folder.At("killed/checkpoint/model.safetensors")));
        Refused("has a run already", [.. Train(own, "killed"), .. longer]);
        Refused("was begun with another recipe", [.. Train(own, "killed"), .. longer, "--resume", "--set", "gan.latent=9"]);
    }

    [Fact]
    public void A_diffusion_model_is_trained_and_its_sampler_can_be_changed_afterwards()
    {
        var own = _folder.At("own.npz");
        TestFolder.WriteSynthetic(own, [.. Enumerable.Range(0, 30).Select(i => (long)(i % 3))]);
        var run = _folder.At("run");
        SioProcess.Run(
            "generate", "train", own, "--model", "diffusion", "--out", run, "--set", "threads=1", "--set", "training.steps=8", "--set", "training.batch_size=4", "--set", "training.sheet_every_steps=0",
            "--set", "training.ema_images=1", "--set", "diffusion.learning_rate=0.02", "--set", "diffusion.warm_up_images=0",
            "--set", "diffusion.channels=4", "--set", "diffusion.blocks=1", "--set", "diffusion.sampling.steps=2").Succeeded();
        string[] sample = ["generate", "sample", run, "--per-class", "2"];
        SioProcess.Run([.. sample, "--out", _folder.At("plain.npz")]).Succeeded();
        SioProcess.Run([.. sample, "--out", _folder.At("guided.npz"), "--set", "diffusion.sampling.guidance=3"]).Succeeded();
        Assert.NotEqual(Data.SyntheticSet.Load(_folder.At("plain.npz")).Pixels, Data.SyntheticSet.Load(_folder.At("guided.npz")).Pixels);
        var provenance = JsonDocument.Parse(File.ReadAllText(_folder.At("guided.provenance.json"))).RootElement;
        Assert.Equal("diffusion", provenance.GetProperty("generator").GetString());
        Assert.Contains("guidance 3", provenance.GetProperty("sampler").GetString(), StringComparison.Ordinal);
        // The recipe is the one that makes this very set.
        Assert.Contains("guidance: 3", provenance.GetProperty("recipe").GetString(), StringComparison.Ordinal);
        Assert.Contains("guidance: 1", File.ReadAllText(Path.Combine(run, "recipe.yml")), StringComparison.Ordinal);
        var refused = SioProcess.Run([.. sample, "--out", _folder.At("set.npz"), "--set", "diffusion.channels=8"]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("diffusion.sampling.KEY=VALUE", refused.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_learnt_is_refused_before_anything_is_written()
    {
        var missing = _folder.At("missing.npz");
        TestFolder.WriteSynthetic(missing, [0, 0, 2, 2]);
        Refused("class 1 has 0 of 4 images", Train(missing, "run"));
        var single = _folder.At("single.npz");
        TestFolder.WriteSynthetic(single, [0, 0, 1]);
        Refused("class 1 has 1 of 3 images", Train(single, "run"));
        var odd = _folder.At("odd.npz");
        TestFolder.WriteSynthetic(odd, [0, 0, 1, 1], size: 30);
        Refused("multiples of 4", Train(odd, "run"));
        Refused("no recipe (.yml), no benchmark", Train(_folder.At("nothing"), "run"));
        Refused("gam", ["generate", "train", odd, "--model", "gam"]);
        Refused("no generator's run", ["generate", "sample", _folder.Root, "--per-class", "1", "--out", _folder.At("set")]);
        Assert.False(Directory.Exists(_folder.At("run")));
    }

    private string[] Train(string source, string run) => ["generate", "train", source, "--out", _folder.At(run), .. s_small];

    private static void Refused(string why, params string[] arguments)
    {
        var refused = SioProcess.Run(arguments);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(why, refused.ErrorLine, StringComparison.Ordinal);
    }
}
