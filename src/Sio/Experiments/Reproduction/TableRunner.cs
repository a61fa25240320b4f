using System.Globalization;
using System.Runtime.InteropServices;
using Sio.Data;
using Sio.Detection;
using Sio.Engine;
using Sio.Evaluation.Benchmarks;
using Sio.Experiments.Results;
using Sio.Recipes;
using Sio.Training;

namespace Sio.Experiments.Reproduction;

/// <summary>Makes a table's cells: trains, evaluates, skips what is done, and goes on with what was interrupted.</summary>
/// <param name="plan">The grid.</param>
/// <param name="folder">Where everything goes.</param>
public sealed class TableRunner(TablePlan plan, string folder)
{
    private readonly Dictionary<string, BenchmarkData> _data = new(StringComparer.Ordinal);

    /// <summary>The table's folder.</summary>
    public string Folder { get; } = Path.GetFullPath(folder);

    /// <summary>The run of a cell.</summary>
    public RunFolder FolderOf(TrainingCell cell)
    {
        ArgumentNullException.ThrowIfNull(cell);
        return new RunFolder(Path.Combine(Folder, cell.Folder));
    }

    /// <summary>Whether a cell has been made: with this very recipe, and scored by all its detectors.</summary>
    /// <exception cref="DataException">Its results are damaged.</exception>
    public bool IsDone(TrainingCell cell) => ResultsOf(cell) is { } results && IsOfThisRecipe(cell) && cell.Detectors.All(results.Detectors.ContainsKey);

    /// <summary>What a cell came to; null where it has not been evaluated.</summary>
    /// <exception cref="DataException">Its results are damaged.</exception>
    public RunResults? ResultsOf(TrainingCell cell)
    {
        var path = FolderOf(cell).ResultsPath;
        return File.Exists(path) ? ResultsFile.Read(path).Arms.SelectMany(arm => arm.Runs).FirstOrDefault(run => run.Seed == cell.Seed) : null;
    }

    /// <summary>Makes one cell, from where it stands.</summary>
    /// <exception cref="OperationCanceledException">Stopped; a checkpoint is written.</exception>
    /// <exception cref="DataException">Images are missing or do not fit, or the folder has a run of another recipe.</exception>
    public void Make(TrainingCell cell, RunObserver observer, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(cell);
        ArgumentNullException.ThrowIfNull(observer);
        var place = FolderOf(cell);
        var there = File.Exists(place.RecipePath) ? Begun(place) : null;

        // What was begun goes on with its own number of threads, for the sake of its last bits.
        var run = Prepare(there is null ? cell.Recipe : cell.Recipe with { Threads = there.Threads }, cancellation);
        if (there is not null)
        {
            // Other detectors than an earlier call's are no other run.
            Run.CheckSameRecipe(there with { Evaluation = run.Recipe.Evaluation }, run.Recipe, place.Path);
            AtomicFile.WriteAllText(place.RecipePath, RecipeWriter.Write(run.Recipe));
        }

        observer.Begin($"{cell.Label}: training");
        var seconds = run.Train(place, resume: true, observer, cancellation);
        observer.End(string.Create(CultureInfo.InvariantCulture, $"trained in {seconds:F0} s"));
        observer.Begin($"{cell.Label}: evaluating");
        var results = Evaluator.Evaluate(run, place, observer: observer, cancellation: cancellation);
        observer.End(string.Create(CultureInfo.InvariantCulture, $"ID accuracy {results.Accuracy:F2}"));
    }

    /// <summary>Makes all cells that are not done, one after the other. One that fails does not stop the others.</summary>
    /// <returns>The cells that failed, each with the reason.</returns>
    /// <exception cref="OperationCanceledException">Stopped; a checkpoint is written.</exception>
    public IReadOnlyList<(TrainingCell Cell, string Reason)> MakeAll(RunObserver observer, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(observer);
        var failures = new List<(TrainingCell, string)>();
        foreach (var cell in plan.Cells.Where(cell => !IsDone(cell)))
        {
            try
            {
                Make(cell, observer, cancellation);
            }
            catch (Exception error) when (IsCellsOwn(error))
            {
                var message = TorchErrors.Describe(error);
                observer.End($"failed: {message}");
                failures.Add((cell, message));
            }
        }

        return failures;
    }

    /// <summary>Whether an error says something of a cell, and nothing of the program or the machine as a whole.</summary>
    public static bool IsCellsOwn(Exception error) =>
        error is DataException or RecipeException or UnknownNameException or DetectionException or TrainingFailedException or ExternalException;

    // Cells differ in recipe and seed; most share their images, which are loaded once.
    private Run Prepare(Recipe recipe, CancellationToken cancellation)
    {
        var key = RecipeWriter.Write(recipe with { Name = string.Empty, Seed = 0, Threads = 0, Objective = new(), Training = new(), Network = new(), Synthetic = new(), Evaluation = new() }, comments: false);
        var run = Run.Prepare(recipe, _data.GetValueOrDefault(key), cancellation);
        _data[key] = run.Data;
        return run;
    }

    // What earlier versions wrote names auxiliary images for every training.
    private static Recipe Begun(RunFolder place) => TablePlan.WithoutIdleAuxiliary(RecipeReader.Read<Recipe>(place.RecipePath));

    // Which detectors score changes nothing that was trained, so more may be asked for later.
    private bool IsOfThisRecipe(TrainingCell cell)
    {
        var place = FolderOf(cell);
        if (!File.Exists(place.RecipePath))
            return false;
        var there = Begun(place);
        var wanted = Run.Resolve(cell.Recipe);

        // What only the images say is left open in a recipe, and is there in the run.
        wanted = wanted with
        {
            Evaluation = there.Evaluation,
            Threads = there.Threads,
            Training = wanted.Training with { Mean = wanted.Training.Mean ?? there.Training.Mean, Std = wanted.Training.Std ?? there.Training.Std },
        };
        return RecipeWriter.Write(there, comments: false) == RecipeWriter.Write(wanted, comments: false);
    }
}
