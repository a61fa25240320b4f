using Sio.Experiments;
using Sio.Experiments.Reproduction;
using Sio.Recipes;

namespace Sio.Tests.Experiments;

/// <summary>Keys of a recipe that do nothing beside the others are told, and no shipped recipe has one.</summary>
public sealed class IdleKeysTests
{
    private const string Sio = "synthetic.path=shipped:synthetic-fashion-mnist-6";

    [Theory]
    [InlineData("training.milestones, training.gamma: without effect, since training.schedule is cosine", "training.milestones=[1, 2]", "training.gamma=0.5")]
    [InlineData("training.final_learning_rate: without effect, since training.schedule is one_cycle", "training.schedule=one_cycle", "training.final_learning_rate=0.01", "training.cycle_rise=0.2")]
    [InlineData("training.cycle_rise, training.cycle_shape: without effect, since training.schedule is constant", "training.schedule=constant", "training.cycle_rise=0.2", "training.cycle_shape=linear")]
    [InlineData("training.milestones 20, 30: never reached, since training.epochs is 20", "training.schedule=step", "training.milestones=[10, 20, 30]", "training.epochs=20")]
    [InlineData("training.warm_up_epochs 2.5: the whole training is warm-up, since training.epochs is 2, and", "training.warm_up_epochs=2.5", "training.epochs=2")]
    [InlineData("training.alternating_flip: without effect, since training.flip is false", "training.alternating_flip=true", "training.flip=false")]
    [InlineData("training.crop_min_area: without effect, since training.random_resized_crop is false", "training.crop_min_area=0.2")]
    [InlineData("training.lookahead_decay: without effect, since training.lookahead_every is 0", "training.lookahead_decay=0.9")]
    [InlineData("synthetic.ratio_schedule: without effect, since there is no synthetic.final_real_ratio", Sio, "synthetic.ratio_schedule=cosine")]
    [InlineData("synthetic.final_real_ratio: without effect, since training.epochs is 1", Sio, "synthetic.real_ratio=0.8", "synthetic.final_real_ratio=0.5", "training.epochs=1")]
    [InlineData("synthetic.loss_weight, synthetic.separate_batch_norm: without effect, since no synthetic images", "synthetic.loss_weight=0.5", "synthetic.separate_batch_norm=true")]
    [InlineData("objective.auxiliary: without effect, since cross_entropy takes no auxiliary images", "objective.auxiliary=nowhere.npz")]
    public void A_key_without_effect_is_told_on_one_line(string expected, params string[] settings) =>
        Assert.StartsWith(expected, Assert.Single(Warnings(settings)), StringComparison.Ordinal);

    [Theory]
    [InlineData("training.schedule=step", "training.milestones=[10, 19]", "training.gamma=0.5", "training.epochs=20")]
    [InlineData("training.schedule=one_cycle", "training.cycle_rise=0.2", "training.cycle_shape=linear")]
    [InlineData("training.final_learning_rate=0.01", "training.warm_up_epochs=1.5", "training.epochs=2")]
    [InlineData("training.alternating_flip=true", "training.random_resized_crop=true", "training.crop_min_area=0.2", "training.lookahead_every=5", "training.lookahead_decay=0.9")]
    [InlineData(Sio, "synthetic.final_real_ratio=0.5", "synthetic.ratio_schedule=step", "synthetic.loss_weight=0.5", "training.epochs=2")]
    [InlineData("objective.name=outlier_exposure", "objective.auxiliary=nowhere.npz")]
    public void A_key_that_does_something_is_not_told(params string[] settings) => Assert.Empty(Warnings(settings));

    [Fact]
    public void A_run_that_is_called_SIO_and_could_draw_no_synthetic_image_is_refused()
    {
        string[] settings = [Sio, "synthetic.real_ratio=1", "synthetic.final_real_ratio=0.5"];
        Assert.Empty(Warnings([.. settings, "training.epochs=2"]));
        var message = Assert.Throws<RecipeException>(() => Run.RefuseUndrawnSynthetic(Run.Resolve(Recipe([.. settings, "training.epochs=1"])))).Message;
        Assert.Contains("synthetic.final_real_ratio is for the last epoch", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Momentum_is_below_1()
    {
        Assert.Equal(0.999, Recipe("training.momentum=0.999").Training.Momentum);
        Assert.Contains("[0, 1)", Assert.Throws<RecipeException>(() => Recipe("training.momentum=1")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_shipped_recipe_or_table_has_one()
    {
        var all = Path.Combine(AppContext.BaseDirectory, "recipes");
        var tables = Directory.GetFiles(Path.Combine(all, "tables"), "*.yml");
        var recipes = Directory.GetFiles(all, "*.yml", SearchOption.AllDirectories).Where(path => !path.StartsWith(Path.Combine(all, "generators"), StringComparison.Ordinal)).Except(tables).ToArray();
        Assert.NotEmpty(tables);
        Assert.NotEmpty(recipes);
        Assert.All(recipes, path => Assert.Empty(IdleKeys.Warnings(Run.Resolve(RecipeReader.Read<Recipe>(path)))));
        foreach (var table in tables.Select(TableFile.Read))
        {
            foreach (var fast in table.Fast.Count > 0 ? new[] { false, true } : [false])
                Assert.All(TablePlan.Create(table, new TableOptions { DryRun = true, Fast = fast }).Cells, cell => Assert.Empty(IdleKeys.Warnings(Run.Resolve(cell.Recipe))));
        }
    }

    private static IEnumerable<string> Warnings(params string[] settings) => IdleKeys.Warnings(Run.Resolve(Recipe(settings)));

    private static Recipe Recipe(params string[] settings) => RecipeReader.Parse<Recipe>("network: {name: lenet}", settings);
}
