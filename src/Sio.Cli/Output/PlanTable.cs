using System.Globalization;
using Sio.Experiments.Reproduction;

namespace Sio.Cli.Output;

/// <summary>Prints a grid: what there is to do and what it costs.</summary>
internal static class PlanTable
{
    /// <summary>Prints the plan's sums and, if wanted, every training.</summary>
    internal static void Print(TablePlan plan, TableRunner runner, bool listed)
    {
        var done = plan.Cells.Where(runner.IsDone).ToHashSet();
        HangingText.Print(string.Empty, plan.Table.Title);
        var seeds = plan.Cells.Select(cell => cell.Seed).Distinct().Count();
        HangingText.Print(string.Empty, string.Create(
            CultureInfo.InvariantCulture,
            $"{plan.Rows.Count} methods × {plan.Arms.Count} {(plan.Arms.Count == 1 ? "arm" : "arms")} × {seeds} {(seeds == 1 ? "seed" : "seeds")} on {plan.Cells.Count} trainings ({done.Count} done): {Millions(plan.Images)} images through the network, forward and backward."));
        if (Left(plan, runner, done) is { } left)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"At the speed of the trainings done so far, {Duration(left)} are left."));
        if (!listed)
            return;
        Console.WriteLine();
        foreach (var cell in plan.Cells)
        {
            var state = done.Contains(cell) ? "done" : runner.FolderOf(cell).HasRun ? "begun" : string.Empty;
            HangingText.Print(
                string.Create(CultureInfo.InvariantCulture, $"{cell.Index,4}  "),
                string.Create(CultureInfo.InvariantCulture, $"{cell.Label}: {cell.Recipe.Network.Name}, {cell.Recipe.Training.Epochs} epochs, {Millions(cell.Images)} images; scored by {string.Join(", ", cell.Detectors)}{(state.Length > 0 ? $" ({state})" : state)}"));
        }
    }

    private static TimeSpan? Left(TablePlan plan, TableRunner runner, HashSet<TrainingCell> done)
    {
        if (done.Count == 0 || done.Count == plan.Cells.Count)
            return null;
        var perImage = done.Sum(cell => runner.ResultsOf(cell)!.TrainSeconds) / done.Sum(cell => cell.Images);
        return TimeSpan.FromSeconds(plan.Cells.Where(cell => !done.Contains(cell)).Sum(cell => cell.Images) * perImage);
    }

    private static string Millions(long images) => images switch
    {
        >= 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{images / 1e6:F0} million"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{images / 1e6:F1} million"),
        _ => images.ToString("N0", CultureInfo.InvariantCulture),
    };

    private static string Duration(TimeSpan time) => time.TotalHours >= 2
        ? string.Create(CultureInfo.InvariantCulture, $"some {time.TotalHours:F0} hours")
        : string.Create(CultureInfo.InvariantCulture, $"some {Math.Max(time.TotalMinutes, 1):F0} min");
}
