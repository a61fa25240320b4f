using Sio.Detection;
using Sio.Experiments;
using Sio.Recipes;
using Sio.Training.Objectives;

namespace Sio.Tests.Experiments.Reproduction;

/// <summary>The recipes of the paper's Table 1 on CIFAR say what SIO's own recipes say, and can be run as they are.</summary>
public sealed class CifarTableRecipesTests
{
    [Theory]
    [InlineData("cifar10")]
    [InlineData("cifar100")]
    public void Methods_have_the_peers_values(string set)
    {
        var pixmix = Assert.IsType<PixMix>(Objective(set, "pixmix"));
        Assert.Equal((4, 3.0, 3, true), (pixmix.K, pixmix.Beta, pixmix.AugSeverity, pixmix.AllOps));
        var vos = Assert.IsType<Vos>(Objective(set, "vos"));
        Assert.Equal((1000, 10_000, 1, 0.1, 0.0, false), (vos.SampleNumber, vos.SampleFrom, vos.Select, vos.Weight, vos.Start, vos.Detached));
        var cutmix = Assert.IsType<CutMix>(Objective(set, "cutmix"));
        Assert.Equal((1.0, 1.0), (cutmix.Beta, cutmix.CutmixProb));
        Assert.Equal(0.04, Assert.IsType<LogitNorm>(Objective(set, "logitnorm")).Tau);
        var exposure = Assert.IsType<OutlierExposure>(Objective(set, "outlier-exposure"));
        Assert.Equal((0.5, 256), (exposure.Weight, exposure.AuxiliaryBatchSize));
        Assert.Equal(GodinHead.Cosine, Assert.IsType<Godin>(Objective(set, "godin")).Head);
        Assert.Equal(["godin.measure=softmax_h"], Read(set, "godin").Evaluation.Settings);
    }

    [Theory]
    [InlineData("cifar10")]
    [InlineData("cifar100")]
    public void All_train_for_as_long_with_the_same_optimiser_and_score_with_what_there_is(string set)
    {
        foreach (var method in new[] { "cutmix", "godin", "logitnorm", "outlier-exposure", "pixmix", "vos" })
        {
            var recipe = Read(set, method);
            Assert.Equal((set, 200, 128, 0.1, 5e-4), (recipe.Benchmark, recipe.Training.Epochs, recipe.Training.BatchSize, recipe.Training.LearningRate, recipe.Training.WeightDecay));
            Assert.All(recipe.Evaluation.Detectors, name => Catalog<Detector>.TypeOf(name));
            Assert.All(recipe.Evaluation.Settings, setting => Assert.Contains(setting.Split('.')[0], recipe.Evaluation.Detectors));
        }
    }

    private static Recipe Read(string set, string method) =>
        RecipeReader.Read<Recipe>(Path.Combine(AppContext.BaseDirectory, "recipes", "tables", "cifar", $"{set}-{method}.yml"), []);

    private static Objective Objective(string set, string method)
    {
        var chosen = Read(set, method).Objective;
        return ObjectiveFactory.Create(new ObjectiveChoice(chosen.Name, chosen.Settings));
    }
}
