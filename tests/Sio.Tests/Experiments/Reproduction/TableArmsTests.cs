using Sio.Data;
using Sio.Experiments;
using Sio.Experiments.Reproduction;
using Sio.Experiments.Results;

namespace Sio.Tests.Experiments.Reproduction;

/// <summary>The two arms differ by the synthetic images and by nothing else, whatever recipes and overrides say.</summary>
public sealed class TableArmsTests : IDisposable
{
    private readonly TableFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_training_whose_recipe_is_one_for_SIO_has_a_baseline_without_synthetic_images()
    {
        _folder.Write("other.yml", "base: tiny.yml\nsynthetic: {path: 'shipped:synthetic-fashion-mnist-6', real_ratio: 0.6, loss_weight: 0.5}\n");
        var plan = _folder.Plan(new TableOptions { Runs = 1 });
        Assert.Equal([false, true, false, true], plan.Cells.Select(Draws));
        Assert.Equal(0.5, plan.Cells[3].Recipe.Synthetic.LossWeight);
    }

    [Theory]
    [InlineData("cifar10")]
    [InlineData("cifar100")]
    [InlineData("fashion_mnist_6")]
    [InlineData("quickstart")]
    public void No_baseline_of_a_shipped_table_draws_synthetic_images_and_every_SIO_arm_does(string name)
    {
        var plan = TablePlan.Create(TableFile.Read(Path.Combine(AppContext.BaseDirectory, "recipes", "tables", name + ".yml")), new TableOptions { DryRun = true });
        Assert.All(plan.Cells, cell => Assert.Equal(cell.Arm == TablePlan.Sio, Draws(cell)));
    }

    [Fact]
    public void Overrides_of_synthetic_are_for_the_SIO_arm()
    {
        var plan = _folder.Plan(new TableOptions { Runs = 1, Methods = ["MSP"], Overrides = ["synthetic.real_ratio=0.5", "training.epochs=3"] });
        Assert.Equal([null, 0.5], plan.Cells.Select(cell => cell.Recipe.Synthetic.RealRatio));
        Assert.All(plan.Cells, cell => Assert.Equal(3, cell.Recipe.Training.Epochs));
        var error = Assert.Throws<DataException>(() => _folder.Plan(new TableOptions { Overrides = ["synthetic.real_ratio=1"] }));
        Assert.Contains("without synthetic images", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Auxiliary_images_are_a_setting_of_those_trainings_alone_that_take_some()
    {
        var plan = TablePlan.Create(
            TableFile.Read(Path.Combine(AppContext.BaseDirectory, "recipes", "tables", "fashion_mnist_6.yml")), new TableOptions { DryRun = true, Overrides = ["objective.auxiliary=outliers.npz"] });
        Assert.All(plan.Cells, cell => Assert.Equal(cell.Training == "outlier_exposure" ? "outliers.npz" : null, cell.Recipe.Objective.Auxiliary));
        Assert.Contains(plan.Cells, cell => cell.Training == "outlier_exposure");
    }

    [Fact]
    public void A_plan_can_be_looked_at_before_there_is_a_synthetic_set()
    {
        _folder.Write("table.yml", File.ReadAllText(_folder.TablePath).Replace("\"synthetic.path=shipped:synthetic-fashion-mnist-6\", ", string.Empty, StringComparison.Ordinal));
        Assert.Throws<DataException>(() => _folder.Plan());
        var plan = _folder.Plan(new TableOptions { DryRun = true });
        Assert.Equal(8, plan.Cells.Count);
        Assert.DoesNotContain(plan.Cells, new TableRunner(plan, _folder.Out).IsDone);
    }

    [Fact]
    public void A_table_without_fast_settings_has_no_fast_version()
    {
        _folder.Write("table.yml", File.ReadAllText(_folder.TablePath).Replace("fast: [training.batch_size=30]", string.Empty, StringComparison.Ordinal));
        Assert.Contains("no fast settings", Assert.Throws<DataException>(() => _folder.Plan(new TableOptions { Fast = true })).Message, StringComparison.Ordinal);
    }

    // MSP has both arms, EBO the baseline alone: a mean of 70 and 90 beside one of 72 would be no difference that SIO makes.
    [Fact]
    public void Averages_of_both_arms_are_over_the_same_methods()
    {
        TableLine[] lines = [Line("MSP", 70, 72), Line("EBO", 90, null)];
        var average = TableResults.Summary("average", lines, values => values.Average()).Near;
        Assert.Equal((70, 72, 2), (average.Baseline!.Mean, average.Sio!.Mean, average.Difference!.Estimate.Mean));
        Assert.Equal((70, 72), (Best(lines).Baseline!.Mean, Best(lines).Sio!.Mean));

        var alone = TableResults.Summary("average", [Line("MSP", 70, null), Line("EBO", 90, null)], values => values.Average()).Near;
        Assert.Equal(80, alone.Baseline!.Mean);
        Assert.Null(alone.Difference);

        static TableFigure Best(TableLine[] lines) => TableResults.Summary("best", lines, values => values.Max()).Near;
    }

    private static bool Draws(TrainingCell cell) => Run.UsesSynthetic(Run.Resolve(cell.Recipe).Synthetic);

    private static TableLine Line(string method, double? baseline, double? sio)
    {
        var figure = new TableFigure(Of(baseline), Of(sio), null);
        return new TableLine("inference", method, figure, figure, figure);

        static Estimate? Of(double? mean) => mean is { } value ? new Estimate(value, null, 1) : null;
    }
}
