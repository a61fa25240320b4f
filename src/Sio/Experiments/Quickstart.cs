using System.Globalization;
using Sio.Data;
using Sio.Recipes;
using Sio.Experiments.Results;

namespace Sio.Experiments;

/// <summary>
/// The main job: train with real images only and with real and synthetic ones, at the same cost and from the same seeds, detect OOD images, and
/// say what the synthetic images brought.
/// </summary>
public sealed class Quickstart
{
    private static readonly string[] s_names = ["baseline", "sio"];

    private readonly string _folder;
    private readonly Run[] _arms;

    /// <summary>Prepares both arms from the recipes that come with the program.</summary>
    /// <param name="folder">Where everything goes.</param>
    /// <param name="overrides">Recipe overrides <c>key=value</c>; those of <c>synthetic</c> are for the SIO arm alone.</param>
    /// <param name="cancellation">Stops between files and pictures.</param>
    /// <exception cref="DataException">Images are missing.</exception>
    /// <exception cref="RecipeException">An override is wrong.</exception>
    public Quickstart(string folder, IEnumerable<string> overrides, CancellationToken cancellation = default)
    {
        _folder = Path.GetFullPath(folder);
        string[] all = [.. overrides];
        var shared = all.Where(text => !text.StartsWith("synthetic", StringComparison.Ordinal));
        var baseline = Run.Prepare(RecipeReader.Read<Recipe>(ShippedRecipe("quickstart-baseline"), shared), cancellation: cancellation);
        var sio = Run.Prepare(RecipeReader.Read<Recipe>(ShippedRecipe("quickstart-sio"), all), baseline.Data, cancellation);
        _arms = [baseline, sio];
    }

    /// <summary>The prepared arms, the baseline first.</summary>
    public IReadOnlyList<Run> Arms => _arms;

    /// <summary>The results file.</summary>
    public string ResultsPath => Path.Combine(_folder, "results.json");

    /// <summary>The path of a recipe that comes with the program.</summary>
    public static string ShippedRecipe(string name) => Path.Combine(AppContext.BaseDirectory, "recipes", name + ".yml");

    /// <summary>Trains and evaluates both arms for every seed, and writes <c>results.json</c>.</summary>
    /// <param name="runs">Seeds from the recipe's on, at least 1.</param>
    /// <param name="observer">Is told how far things are.</param>
    /// <param name="cancellation">Stops after the step under way, with a checkpoint; no results are written then.</param>
    public ExperimentResults Execute(int runs, RunObserver observer, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        ArgumentNullException.ThrowIfNull(observer);
        var seed = _arms[0].Recipe.Seed;
        if (runs - 1 > int.MaxValue - seed)
            throw new RecipeException(string.Create(CultureInfo.InvariantCulture, $"{runs} runs from seed {seed} on need seeds above {int.MaxValue}, the largest there is"));
        RunFolder.Create(_folder);
        // Results of an earlier call would otherwise stand beside runs that they do not belong to.
        File.Delete(ResultsPath);
        var results = _arms.Select(_ => new List<RunResults>()).ToArray();
        for (var k = 0; k < runs; k++)
        {
            for (var i = 0; i < _arms.Length; i++)
                results[i].Add(Execute(i, _arms[i].Recipe.Seed + k, observer, cancellation));
        }

        var experiment = Evaluator.Frame(_arms[0]) with
        {
            Arms = [.. _arms.Select((arm, i) => new ArmResults { Name = s_names[i], RealRatio = arm.Recipe.Synthetic.RealRatio!.Value, Runs = results[i] })],
        };
        ResultsFile.Write(ResultsPath, experiment);
        return experiment;
    }

    private RunResults Execute(int arm, int seed, RunObserver observer, CancellationToken cancellation)
    {
        var run = Run.Prepare(_arms[arm].Recipe with { Seed = seed }, _arms[arm].Data, cancellation);
        var folder = new RunFolder(Path.Combine(_folder, s_names[arm], string.Create(CultureInfo.InvariantCulture, $"seed{seed}")));
        var label = string.Create(CultureInfo.InvariantCulture, $"{s_names[arm]}, seed {seed}");
        observer.Begin($"{label}: training");
        var seconds = run.Train(folder, resume: false, observer, cancellation);
        observer.End(string.Create(CultureInfo.InvariantCulture, $"trained in {seconds:F0} s"));
        observer.Begin($"{label}: evaluating");
        var results = Evaluator.Evaluate(run, folder, observer: observer, cancellation: cancellation);
        observer.End(string.Create(CultureInfo.InvariantCulture, $"ID accuracy {results.Accuracy:F2}"));
        return results;
    }
}
