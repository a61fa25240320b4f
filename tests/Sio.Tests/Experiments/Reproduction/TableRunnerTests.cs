using Sio.Data;
using Sio.Experiments;
using Sio.Experiments.Reproduction;
using Sio.Experiments.Results;
using Sio.Recipes;

namespace Sio.Tests.Experiments.Reproduction;

/// <summary>The grid is made once, whatever happens on the way.</summary>
public sealed class TableRunnerTests
{
    [Fact]
    public void What_is_done_is_skipped_and_the_table_fills()
    {
        using var folder = new TableFolder();
        var first = folder.Plan(new TableOptions { Runs = 1, Methods = ["MSP"] });
        var runner = new TableRunner(first, folder.Out);
        var told = new Told();
        Assert.Empty(runner.MakeAll(told));
        Assert.Equal(["plain, baseline, seed 0: training", "plain, baseline, seed 0: evaluating", "plain, sio, seed 0: training", "plain, sio, seed 0: evaluating"], told.Begun);
        var trained = File.ReadAllBytes(runner.FolderOf(first.Cells[0]).Checkpoint.ModelPath);
        told.Begun.Clear();
        Assert.Empty(runner.MakeAll(told));
        Assert.Empty(told.Begun);

        // Another row on the same training: scored anew, not trained anew, whatever the number of threads.
        var second = folder.Plan(new TableOptions { Runs = 1, Methods = ["MSP", "EBO"], Overrides = ["threads=2"] });
        runner = new TableRunner(second, folder.Out);
        Assert.DoesNotContain(second.Cells, runner.IsDone);
        var steps = new Told();
        Assert.Empty(runner.MakeAll(steps));
        Assert.Equal(0, steps.Steps);
        Assert.Equal(trained, File.ReadAllBytes(runner.FolderOf(second.Cells[0]).Checkpoint.ModelPath));

        var results = TableResults.Collect(second, runner);
        Assert.Equal((2, 2), (results.Done, results.Total));
        Assert.Equal(["MSP", "EBO"], results.Lines.Select(line => line.Method));
        var own = runner.ResultsOf(second.Cells[1])!;
        Assert.Equal(own.Detectors["ebo"].Near!.Auroc, results.Lines[1].Near.Sio!.Mean);
        Assert.Equal(own.Accuracy, results.Lines[0].Accuracy.Sio!.Mean);

        // A mean over other sets is another figure: what was scored before a set came is left out, and told.
        var path = runner.FolderOf(second.Cells[1]).ResultsPath;
        var scored = ResultsFile.Read(path);
        File.WriteAllText(path, ResultsFile.ToJson(scored with { Far = [.. scored.Far.Skip(1)], Missing = [$"far: {scored.Far[0]}"] }));
        results = TableResults.Collect(second, runner);
        Assert.Equal(second.Cells[1], Assert.Single(results.Uneven));
        Assert.Null(results.Lines[0].Far.Sio);
        Assert.Equal(1, results.Done);
        Assert.Empty(results.Missing);
    }

    // Whichever they are, a method that takes none was trained without. Earlier versions wrote them into its recipe all the same.
    [Fact]
    public void Auxiliary_images_make_a_training_that_takes_none_no_other_one()
    {
        using var folder = new TableFolder();
        var plan = folder.Plan(new TableOptions { Runs = 1, Arms = ["baseline"], Methods = ["MSP"] });
        var runner = new TableRunner(plan, folder.Out);
        Assert.Empty(runner.MakeAll(new Told()));
        var path = runner.FolderOf(plan.Cells[0]).RecipePath;
        File.WriteAllText(path, RecipeWriter.Write(RecipeReader.Read<Recipe>(path) is var recipe ? recipe with { Objective = recipe.Objective with { Auxiliary = "/old/outliers.npz" } } : null!));
        var later = folder.Plan(new TableOptions { Runs = 1, Arms = ["baseline"], Methods = ["MSP", "EBO"], Overrides = ["objective.auxiliary=new.npz"] });
        runner = new TableRunner(plan, folder.Out);
        Assert.True(runner.IsDone(plan.Cells[0]));
        var told = new Told();
        Assert.Empty(new TableRunner(later, folder.Out).MakeAll(told));
        Assert.Equal((1, 0), (told.Begun.Count(label => label.EndsWith("evaluating", StringComparison.Ordinal)), told.Steps));
    }

    [Fact]
    public void A_cell_that_fails_does_not_stop_the_others()
    {
        using var folder = new TableFolder(extraRecipe: "data: {mnist: /nonexistent/mnist}");
        var plan = folder.Plan(new TableOptions { Runs = 1, Arms = ["baseline"], Methods = ["MSP", "LogitNorm"] });
        var runner = new TableRunner(plan, folder.Out);
        var (cell, reason) = Assert.Single(runner.MakeAll(new Told()));
        Assert.Equal("other", cell.Training);
        Assert.Contains("/nonexistent/mnist", reason, StringComparison.Ordinal);
        Assert.True(runner.IsDone(plan.Cells.Single(other => other.Training == "plain")));
        Assert.False(runner.IsDone(cell));
        var results = TableResults.Collect(plan, runner);
        Assert.Null(results.Lines[1].Near.Baseline);
        Assert.Equal((1, 2), (results.Done, results.Total));
    }

    [Fact]
    public void A_cell_that_was_stopped_goes_on_and_ends_with_the_same_weights()
    {
        using var folder = new TableFolder();
        var plan = folder.Plan(new TableOptions { Runs = 1, Arms = ["sio"], Methods = ["MSP"] });
        var whole = new TableRunner(plan, folder.Out);
        whole.MakeAll(new Told());
        var cut = new TableRunner(plan, folder.Out + "-cut");
        using (var stop = new CancellationTokenSource())
            Assert.Throws<OperationCanceledException>(() => cut.MakeAll(new Told { AfterStep = step => { if (step == 2) stop.Cancel(); } }, stop.Token));
        Assert.False(cut.IsDone(plan.Cells[0]));
        var told = new Told();
        Assert.Empty(cut.MakeAll(told));
        Assert.Equal(2, told.Steps);
        Assert.Equal(File.ReadAllBytes(whole.FolderOf(plan.Cells[0]).Checkpoint.ModelPath), File.ReadAllBytes(cut.FolderOf(plan.Cells[0]).Checkpoint.ModelPath));
    }

    [Fact]
    public void Runs_of_another_recipe_are_not_taken_for_the_tables()
    {
        using var folder = new TableFolder();
        var options = new TableOptions { Runs = 1, Arms = ["baseline"], Methods = ["MSP"] };
        new TableRunner(folder.Plan(options), folder.Out).MakeAll(new Told());
        var other = folder.Plan(options with { Overrides = ["training.learning_rate=0.02"] });
        var runner = new TableRunner(other, folder.Out);
        Assert.False(runner.IsDone(other.Cells[0]));
        Assert.Contains("another recipe", Assert.Single(runner.MakeAll(new Told())).Reason, StringComparison.Ordinal);
        Assert.Throws<DataException>(() => runner.Make(other.Cells[0], new Told()));
    }

    private sealed class Told : RunObserver
    {
        internal List<string> Begun { get; } = [];

        internal int Steps { get; private set; }

        internal Action<long>? AfterStep { get; init; }

        public override void Begin(string what) => Begun.Add(what);

        public override void Trained(Sio.Training.TrainingProgress progress)
        {
            Steps++;
            AfterStep?.Invoke(progress.Step);
        }
    }
}
