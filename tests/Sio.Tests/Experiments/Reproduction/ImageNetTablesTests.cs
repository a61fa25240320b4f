using Sio.Detection;
using Sio.Experiments;
using Sio.Experiments.Reproduction;
using Sio.Recipes;

namespace Sio.Tests.Experiments.Reproduction;

/// <summary>The paper's experiments on subsets of ImageNet: recipes with the paper's values, and a grid of six trainings that ten detectors score.</summary>
public sealed class ImageNetTablesTests
{
    private static readonly string[] s_methods = ["TempScale", "ODIN", "EBO", "GradNorm", "MLS", "KLM", "OpenMax", "KNN", "DICE", "ReAct"];

    [Theory]
    [InlineData("imagenet-10")]
    [InlineData("imagenet-dogs")]
    public void Recipes_have_the_papers_values(string name)
    {
        var recipe = RecipeReader.Read<Recipe>(Path.Combine(AppContext.BaseDirectory, "recipes", name + ".yml"), []);
        Assert.Equal((name, "resnet18_224x224"), (recipe.Benchmark, recipe.Network.Name));
        var training = recipe.Training;
        Assert.Equal((60, 256, 0.1, 1e-6), (training.Epochs, training.BatchSize, training.LearningRate, training.FinalLearningRate));
        Assert.Equal((0.9, true, 1e-4, 0, true), (training.Momentum, training.Nesterov, training.WeightDecay, training.Padding, training.Flip));
        Assert.Equal(s_methods.Select(method => method.ToLowerInvariant()), recipe.Evaluation.Detectors);
        Assert.All(recipe.Evaluation.Detectors, detector => Catalog<Detector>.TypeOf(detector));
    }

    [Theory]
    [InlineData("imagenet-10", 13_000)]
    [InlineData("imagenet-dogs", 130_000)]
    public void The_grid_is_six_trainings_and_can_be_planned_without_images(string name, int images)
    {
        var table = TableFile.Read(Path.Combine(AppContext.BaseDirectory, "recipes", "tables", name + ".yml"));
        var plan = TablePlan.Create(table, new TableOptions { DryRun = true });
        Assert.Equal(s_methods, plan.Rows.Select(row => row.Method));
        Assert.Equal(
            [("baseline", 0), ("sio", 0), ("baseline", 1), ("sio", 1), ("baseline", 2), ("sio", 2)], plan.Cells.Select(cell => (cell.Arm, cell.Seed)));
        var perEpoch = (images + 255) / 256 * 256L;
        Assert.All(plan.Cells, cell => Assert.Equal(60 * perEpoch, cell.Images));
        Assert.All(plan.Cells, cell => Assert.Equal(cell.Arm == TablePlan.Sio ? 0.9 : null, cell.Recipe.Synthetic.RealRatio));
    }
}
