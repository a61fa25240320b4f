using System.Text.Json;
using Sio.Data;

namespace Sio.Cli.Tests.Commands;

/// <summary>The main job on a small data set: both arms, the table, and every file it should leave.</summary>
public sealed class QuickstartTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Both_arms_are_trained_compared_and_written()
    {
        var output = _folder.At("out");
        var mnist = _folder.At("mnist");
        Directory.CreateDirectory(mnist);
        foreach (var file in Directory.GetFiles(_folder.Data, "t10k*"))
            File.Copy(file, Path.Combine(mnist, Path.GetFileName(file)));
        // Other images than the ID test set's, which would be warned of.
        var pictures = Path.Combine(mnist, "t10k-images-idx3-ubyte");
        File.WriteAllBytes(pictures, [.. File.ReadAllBytes(pictures).Select((value, i) => i < 16 ? value : (byte)(255 - value))]);
        Directory.CreateDirectory(output);
        File.WriteAllText(Path.Combine(output, "mine.txt"), "mine");
        File.WriteAllText(Path.Combine(output, "results.json"), "old");

        var outcome = SioProcess.Run(
            "quickstart", "--runs", "2", "--data", _folder.Data, "--mnist", mnist, "--out", output, "--set", "data.train_images=120", "--set",
            "data.noise_images=20", "--set", "training.epochs=1", "--set", "training.batch_size=32", "--set", "network.name=lenet");

        Assert.Equal("", outcome.Errors);
        outcome.Succeeded();
        Assert.Contains("+SIO", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("Difference", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("n = 2", outcome.Output, StringComparison.Ordinal);
        Assert.All(outcome.Output.Split('\n').Where(line => !line.Contains("images", StringComparison.Ordinal)), line => Assert.True(line.Length <= 80, line));

        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(output, "results.json")));
        var root = json.RootElement;
        Assert.Equal("fashion_mnist_6_4", root.GetProperty("benchmark").GetString());
        Assert.Equal("fashion_mnist_6", root.GetProperty("id").GetString());
        Assert.Equal(["fashion_mnist_4"], Names(root.GetProperty("near")));
        Assert.Equal(["optdigits", "gaussian", "uniform", "blobs", "gratings", "mnist"], Names(root.GetProperty("far")));
        var arms = root.GetProperty("arms").EnumerateArray().ToArray();
        Assert.Equal(["baseline", "sio"], arms.Select(arm => arm.GetProperty("name").GetString()));
        Assert.Equal([1.0, 0.8], arms.Select(arm => arm.GetProperty("realRatio").GetDouble()));
        foreach (var arm in arms)
        {
            Assert.Equal([0, 1], arm.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("seed").GetInt32()));
            foreach (var run in arm.GetProperty("runs").EnumerateArray())
                CheckRun(run, Path.Combine(output, arm.GetProperty("name").GetString()!, $"seed{run.GetProperty("seed").GetInt32()}"));
        }

        // Same seed, same cost: the arms differ in their images alone.
        Assert.Equal(Steps(output, "baseline"), Steps(output, "sio"));
        Assert.Equal("mine", File.ReadAllText(Path.Combine(output, "mine.txt")));
    }

    [Fact]
    public void The_arms_differ_only_in_their_synthetic_images()
    {
        var output = _folder.At("out");
        var outcome = SioProcess.Run(
            "quickstart", "--data", _folder.Data, "--synthetic", _folder.Synthetic, "--real-ratio", "0.5", "--seed", "4", "--out", output, "--set",
            "data.train_images=60", "--set", "data.noise_images=5", "--set", "training.epochs=1", "--set", "network.name=lenet", "--set", "evaluation.detectors=[msp]");
        outcome.Succeeded();
        var baseline = File.ReadAllLines(Path.Combine(output, "baseline", "seed4", "recipe.yml"));
        var sio = File.ReadAllLines(Path.Combine(output, "sio", "seed4", "recipe.yml"));
        var different = baseline.Zip(sio).Where(pair => pair.First != pair.Second).Select(pair => pair.Second.Trim().Split(':')[0]).ToArray();
        Assert.Equal(["name", "path", "real_ratio"], different);
        Assert.Contains("  real_ratio: 0.5", sio);
        Assert.Contains("n = 1", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_whole_chain_runs_from_the_generator_on_and_twice_gives_the_same_set()
    {
        var generator = _folder.At("generator.yml");
        File.WriteAllText(
            generator,
            """
            name: tiny
            benchmark: fashion_mnist_6_4
            threads: 1
            training: {steps: 2, batch_size: 8, sheet_every_steps: 0}
            gan: {latent: 4, generator_channels: 2, discriminator_channels: 2}
            """);
        string[] arguments =
        [
            "quickstart", "--regenerate", "--generator", generator, "--data", _folder.Data, "--set", "data.train_images=60", "--set", "data.noise_images=5", "--set",
            "training.epochs=1", "--set", "network.name=lenet", "--set", "evaluation.detectors=[msp]",
        ];
        byte[][] sets = [.. new[] { "one", "two" }.Select(name =>
        {
            var output = _folder.At(name);
            var outcome = SioProcess.Run([.. arguments, "--out", output]);
            outcome.Succeeded();
            Assert.Contains("its images are not those of the shipped set", outcome.Output, StringComparison.Ordinal);
            Assert.Contains("9000 synthetic images", outcome.Output, StringComparison.Ordinal);
            Assert.Contains(Path.Combine(output, "synthetic.npz"), File.ReadAllText(Path.Combine(output, "sio", "seed0", "recipe.yml")), StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(output, "synthetic.provenance.json")));
            return File.ReadAllBytes(Path.Combine(output, "synthetic.npz"));
        })];
        Assert.Equal(sets[0], sets[1]);
        Assert.Equal(2, SioProcess.Run([.. arguments, "--synthetic", _folder.Synthetic, "--out", _folder.At("three")]).ExitCode);
    }

    private static void CheckRun(JsonElement run, string folder)
    {
        Assert.InRange(run.GetProperty("accuracy").GetDouble(), 0, 100);
        Assert.True(run.GetProperty("trainSeconds").GetDouble() > 0);
        var detectors = run.GetProperty("detectors").EnumerateObject().ToArray();
        Assert.Equal(["msp", "ebo", "knn", "vim"], detectors.Select(detector => detector.Name));
        foreach (var detector in detectors)
        {
            var sets = detector.Value.GetProperty("sets");
            Assert.Equal(7, sets.EnumerateObject().Count());
            foreach (var key in new[] { "auroc", "aupr_in", "aupr_out", "fpr95" })
            {
                var far = new[] { "optdigits", "gaussian", "uniform", "blobs", "gratings", "mnist" }.Average(set => sets.GetProperty(set).GetProperty(key).GetDouble());
                Assert.Equal(far, detector.Value.GetProperty("far").GetProperty(key).GetDouble(), 9);
                Assert.Equal(sets.GetProperty("fashion_mnist_4").GetProperty(key).GetDouble(), detector.Value.GetProperty("near").GetProperty(key).GetDouble(), 9);
            }

            Assert.Equal(8, Directory.GetFiles(Path.Combine(folder, "scores", detector.Name), "*.npz").Length);
        }

        foreach (var file in new[] { "recipe.yml", "log.jsonl", "results.json", "checkpoint/model.safetensors", "checkpoint/last.safetensors" })
            Assert.True(File.Exists(Path.Combine(folder, file)), file);
        Assert.Equal(36, Npz.Read(Path.Combine(folder, "scores", "msp", "fashion_mnist_6.npz"))["conf"].Length);
    }

    private static long Steps(string output, string arm)
    {
        var line = File.ReadLines(Path.Combine(output, arm, "seed0", "log.jsonl")).First();
        using var json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty("total_steps").GetInt64();
    }

    private static string[] Names(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];
}
