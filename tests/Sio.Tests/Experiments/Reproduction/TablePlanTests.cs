using Sio.Data;
using Sio.Experiments.Reproduction;
using Sio.Recipes;

namespace Sio.Tests.Experiments.Reproduction;

/// <summary>A table becomes a grid of trainings, without its images.</summary>
public sealed class TablePlanTests : IDisposable
{
    private readonly TableFolder _folder = new();

    [Fact]
    public void Methods_that_score_the_same_training_share_it()
    {
        var plan = _folder.Plan();
        Assert.Equal(3, plan.Rows.Count);

        // 2 trainings × 2 arms × 2 seeds, whole tables of one seed first.
        Assert.Equal(8, plan.Cells.Count);
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1], plan.Cells.Select(cell => cell.Seed));
        Assert.Equal(Enumerable.Range(0, 8), plan.Cells.Select(cell => cell.Index));
        Assert.Equal(["msp", "ebo"], plan.Cells.First(cell => cell.Training == "plain").Detectors);
        Assert.Equal(["msp"], plan.Cells.First(cell => cell.Training == "other").Detectors);

        // One epoch of ⌈60/16⌉ batches of 16.
        Assert.All(plan.Cells, cell => Assert.Equal(64, cell.Images));
        Assert.Equal(8 * 64, plan.Images);
        Assert.All(plan.Cells, cell => Assert.Equal(cell.Arm == TablePlan.Sio ? 0.8 : null, cell.Recipe.Synthetic.RealRatio));
    }

    [Fact]
    public void Methods_arms_seeds_and_settings_can_be_chosen()
    {
        var plan = _folder.Plan(new TableOptions { Methods = ["ebo"], Arms = ["sio"], Runs = 1, Fast = true, Synthetic = "it's.npz", Overrides = ["training.epochs=3"] });
        var cell = Assert.Single(plan.Cells);
        Assert.Equal(("plain", "sio", 0), (cell.Training, cell.Arm, cell.Seed));
        Assert.Equal(["ebo"], cell.Detectors);
        Assert.Equal((30, 3, "it's.npz"), (cell.Recipe.Training.BatchSize, cell.Recipe.Training.Epochs, cell.Recipe.Synthetic.Path));
        Assert.Equal(180, cell.Images);
    }

    [Fact]
    public void Wrong_names_are_refused_with_those_there_are()
    {
        Assert.Contains("MSP, EBO, LogitNorm", Refused(new TableOptions { Methods = ["VOS"] }), StringComparison.Ordinal);
        Assert.Contains("baseline, sio", Refused(new TableOptions { Arms = ["both"] }), StringComparison.Ordinal);
        _folder.Write("table.yml", File.ReadAllText(_folder.TablePath).Replace("training: other, ", "training: none, ", StringComparison.Ordinal));
        Assert.Contains("the training 'none'", Assert.Throws<DataException>(() => _folder.Table).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_detector_or_a_wrong_override_is_found_before_anything_runs()
    {
        Assert.Throws<RecipeException>(() => _folder.Plan(new TableOptions { Overrides = ["training.epoch=3"] }));
        _folder.Write("table.yml", File.ReadAllText(_folder.TablePath).Replace("detector: ebo", "detector: ebbo", StringComparison.Ordinal));
        var error = Assert.Throws<DataException>(() => _folder.Plan()).Message;
        Assert.Contains("table.yml: the row", error, StringComparison.Ordinal);
        Assert.Contains("there is no detector 'ebbo'", error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_SIO_arm_needs_a_synthetic_set()
    {
        _folder.Write("table.yml", File.ReadAllText(_folder.TablePath).Replace("\"synthetic.path=shipped:synthetic-fashion-mnist-6\", ", string.Empty, StringComparison.Ordinal));
        Assert.Contains("--synthetic", Refused(new TableOptions()), StringComparison.Ordinal);
        Assert.Equal(4, _folder.Plan(new TableOptions { Arms = ["baseline"] }).Cells.Count);
    }

    [Fact]
    public void A_job_array_has_a_task_per_training()
    {
        var script = SlurmScript.Write(_folder.Plan(), ["/opt/my sio/sio", "reproduce", "table.yml", "--methods", "MSP,EBO"], "/home/me/it's here");
        Assert.StartsWith("#!/bin/bash\n", script, StringComparison.Ordinal);
        Assert.Contains("#SBATCH --array=0-7\n", script, StringComparison.Ordinal);
        Assert.EndsWith("cd '/home/me/it'\\''s here'\nexec '/opt/my sio/sio' reproduce table.yml --methods MSP,EBO --cell \"$SLURM_ARRAY_TASK_ID\"\n", script, StringComparison.Ordinal);
        Assert.Contains("# 3: other, sio, seed 0\n", script, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cifar10", 17, 7)]
    [InlineData("cifar100", 17, 7)]
    [InlineData("fashion_mnist_6", 17, 7)]
    [InlineData("quickstart", 6, 2)]
    public void The_shipped_tables_can_be_planned_without_their_images(string name, int methods, int trainings)
    {
        var table = TableFile.Read(Path.Combine(AppContext.BaseDirectory, "recipes", "tables", name + ".yml"));
        var plan = TablePlan.Create(table, new TableOptions { Synthetic = "synthetic.npz" });
        Assert.Equal((methods, trainings * 2 * 3), (plan.Rows.Count, plan.Cells.Count));

        // Every row of the paper's table has its figures.
        if (table.Paper is { } data)
        {
            var paper = PaperFigures.Read(PaperFigures.ShippedPath);
            Assert.All(plan.Rows, row => Assert.NotNull(paper.Get(data, row.Method, "near", "sio")));
            Assert.All(plan.Cells, cell => Assert.Equal((200, 128, 0.1), (cell.Recipe.Training.Epochs, cell.Recipe.Training.BatchSize, cell.Recipe.Training.LearningRate)));
        }
    }

    [Theory]
    [InlineData("cifar10")]
    [InlineData("cifar100")]
    [InlineData("fashion_mnist_6")]
    [InlineData("quickstart")]
    public void The_shipped_tables_say_how_many_images_are_trained_on_and_cost_less_with_fast(string name)
    {
        var table = TableFile.Read(Path.Combine(AppContext.BaseDirectory, "recipes", "tables", name + ".yml"));
        var (full, fast) = (TablePlan.Create(table, new TableOptions { DryRun = true }), TablePlan.Create(table, new TableOptions { DryRun = true, Fast = true }));
        Assert.All(full.Cells, cell => Assert.Equal(table.TrainImages, cell.Recipe.Data.TrainImages ?? table.TrainImages));
        foreach (var (whole, part) in full.Cells.Zip(fast.Cells))
        {
            Assert.True(part.Images < whole.Images, $"{part.Label}: {part.Images} images with --fast, {whole.Images} without");
            Assert.True((part.Recipe.Data.TrainImages ?? table.TrainImages) <= table.TrainImages, part.Label);
        }
    }

    public void Dispose() => _folder.Dispose();

    private string Refused(TableOptions options) => Assert.Throws<DataException>(() => _folder.Plan(options)).Message;
}
