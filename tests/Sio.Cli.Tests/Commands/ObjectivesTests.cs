using Sio.Data;
using Sio.Training.Objectives;

namespace Sio.Cli.Tests.Commands;

/// <summary><c>sio objectives</c>, the page that it writes, and the recipes of its methods.</summary>
public sealed class ObjectivesTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public static TheoryData<string> Recipes => [.. Directory.GetFiles(RecipeFolder, "*.yml").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal)];

    private static string RecipeFolder => Path.Combine(AppContext.BaseDirectory, "recipes", "methods", "fashion-mnist-6");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_method_is_listed_with_its_paper_and_hyper_parameters()
    {
        var outcome = SioProcess.Run("objectives");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        foreach (var objective in ObjectiveDescription.All())
        {
            var lines = outcome.Output.Split('\n').SkipWhile(line => !line.StartsWith(objective.Name + " ", StringComparison.Ordinal)).ToArray();
            Assert.Contains(objective.Summary, lines[0], StringComparison.Ordinal);
            Assert.All(objective.HyperParameters, key => Assert.Contains(lines, line => line.Contains($"{key.Path} = {key.Default}", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void The_documentation_page_is_up_to_date()
    {
        var page = SioProcess.Run("objectives", "--markdown").Output;
        foreach (var part in new[] { "## logitnorm", "| `tau` | `0.04` |", "Wei et al. 2022", "paper and OpenOOD", "detectors.md#mc_dropout", "auxiliary images" })
            Assert.Contains(part, page, StringComparison.Ordinal);
        Assert.True(File.ReadAllText(Path.Combine(Checkout(), "docs", "objectives.md")) == page, $"docs/objectives.md is out of date: run {ObjectivePage.Regenerate}");
    }

    // The recipe as it is, but for the toy images, the small network and the single epoch.
    [Theory]
    [MemberData(nameof(Recipes))]
    public void Each_recipe_trains_its_method(string name)
    {
        var noise = NoiseImages.Uniform(30, 1, 28, 28, seed: 9);
        Npz.Write(_folder.At("auxiliary.npz"), ("images", NpyArray.Create(noise.Pixels, noise.Count, 28, 28)));
        string[] auxiliary = ObjectiveDescription.All().Single(objective => objective.Name == name).Needs.Contains("auxiliary images") ? ["--auxiliary", _folder.At("auxiliary.npz")] : [];
        // Three steps cannot fill VOS's queues of a thousand features per class, and end before MCD's auxiliary images come in, which both say.
        string[] settings = name switch
        {
            "vos" => ["--set", "objective.settings.sample_number=5"],
            "mcd" => ["--set", "objective.settings.start=0.5"],
            _ => [],
        };
        SioProcess.Run(
        [
            "train", Path.Combine(RecipeFolder, name + ".yml"), "--out", _folder.At("run"), "--data", _folder.Data, "--synthetic", _folder.Synthetic, "--set", "data.train_images=120", "--set", "threads=1",
            "--set", "data.noise_images=5", "--set", "network.name=lenet", "--set", "training.epochs=1", "--set", "training.batch_size=40", "--set", "training.learning_rate=0.001", .. auxiliary, .. settings,
        ]).Succeeded();
        Assert.Contains($"name: {name}\n", File.ReadAllText(_folder.At("run/recipe.yml")).ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.True(File.Exists(_folder.At("run/checkpoint/model.safetensors")));
    }

    private static string Checkout()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Sio.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("no checkout above the tests");
    }
}
