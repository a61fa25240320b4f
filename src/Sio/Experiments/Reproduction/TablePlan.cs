using System.Globalization;
using Sio.Data;
using Sio.Detection;
using Sio.Recipes;
using Sio.Training.Objectives;

namespace Sio.Experiments.Reproduction;

/// <summary>What of a table is to be made.</summary>
public sealed record TableOptions
{
    /// <summary>Methods by name, in any case; all when null.</summary>
    public IReadOnlyList<string>? Methods { get; init; }

    /// <summary>Arms: baseline, sio.</summary>
    public IReadOnlyList<string> Arms { get; init; } = TablePlan.AllArms;

    /// <summary>Seeds; as the table has it when null.</summary>
    public int? Runs { get; init; }

    /// <summary>Whether the table's fast settings are used.</summary>
    public bool Fast { get; init; }

    /// <summary>The synthetic set of the SIO arm; the table's own when null.</summary>
    public string? Synthetic { get; init; }

    /// <summary>Recipe overrides for all trainings, <c>key=value</c>; those of <c>synthetic</c> say nothing to the baseline.</summary>
    public IReadOnlyList<string> Overrides { get; init; } = [];

    /// <summary>Whether the plan is only to be looked at: the SIO arm's synthetic set may still be missing then.</summary>
    public bool DryRun { get; init; }
}

/// <summary>One training of the grid, with the detectors that score it.</summary>
/// <param name="Index">Its place in the plan, from 0: a cluster's array index.</param>
/// <param name="Training">The training's name.</param>
/// <param name="Arm">baseline or sio.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Recipe">Its recipe, as it was read; images have not been looked at.</param>
/// <param name="Detectors">The detectors of its rows.</param>
/// <param name="Images">Images that go through the network in training, forward and backward: those of further views and auxiliary images counted.</param>
public sealed record TrainingCell(int Index, string Training, string Arm, int Seed, Recipe Recipe, IReadOnlyList<string> Detectors, long Images)
{
    /// <summary>The cell's folder below the table's.</summary>
    public string Folder => Path.Combine(Training, Arm, string.Create(CultureInfo.InvariantCulture, $"seed{Seed}"));

    /// <summary>What messages call it.</summary>
    public string Label => string.Create(CultureInfo.InvariantCulture, $"{Training}, {Arm}, seed {Seed}");
}

/// <summary>A table's grid: rows, and the trainings they need. Methods that score the same training share it.</summary>
public sealed class TablePlan
{
    /// <summary>The baseline's arm.</summary>
    public const string Baseline = "baseline";

    /// <summary>SIO's arm.</summary>
    public const string Sio = "sio";

    // Stands for the set in a plan that is only looked at.
    private const string MissingSet = "not-given-yet";

    /// <summary>Both arms.</summary>
    public static IReadOnlyList<string> AllArms { get; } = [Baseline, Sio];

    private TablePlan(TableFile table, IReadOnlyList<TableRow> rows, IReadOnlyList<string> arms, IReadOnlyList<TrainingCell> cells) =>
        (Table, Rows, Arms, Cells) = (table, rows, arms, cells);

    /// <summary>The table.</summary>
    public TableFile Table { get; }

    /// <summary>Its rows, as far as they were asked for.</summary>
    public IReadOnlyList<TableRow> Rows { get; }

    /// <summary>The arms, the baseline first.</summary>
    public IReadOnlyList<string> Arms { get; }

    /// <summary>The trainings, seed by seed, so that early cells give a whole table of one run.</summary>
    public IReadOnlyList<TrainingCell> Cells { get; }

    /// <summary>Images through the network, all trainings together.</summary>
    public long Images => Cells.Sum(cell => cell.Images);

    /// <summary>Makes the plan. Recipes are read and checked; images are not looked at.</summary>
    /// <exception cref="DataException">There is no such method or arm, no fast setting, or the SIO arm has no synthetic images.</exception>
    /// <exception cref="RecipeException">A recipe or an override is wrong.</exception>
    /// <exception cref="UnknownNameException">A detector, network or objective does not exist.</exception>
    public static TablePlan Create(TableFile table, TableOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(options);
        var rows = ChosenRows(table, options.Methods);
        foreach (var arm in options.Arms.Where(arm => !AllArms.Contains(arm)))
            throw new DataException($"there is no arm '{arm}'; there are: {string.Join(", ", AllArms)}");
        string[] arms = [.. AllArms.Where(options.Arms.Contains)];
        if (arms.Length == 0)
            throw new DataException($"no arm was asked for; there are: {string.Join(", ", AllArms)}");
        if (options.Fast && table.Fast.Count == 0)
            throw new DataException($"the table '{table.Title}' has no fast settings (key fast): leave --fast out, or give settings of your own with --set");
        foreach (var row in rows.Where(row => !Catalog<Detector>.Names.Contains(row.Detector)))
            throw new DataException($"{table.Source}: the row {row.Method}: {new UnknownNameException(nameof(Detector), row.Detector, Catalog<Detector>.Names).Message}");

        var cells = new List<TrainingCell>();
        for (var seed = 0; seed < (options.Runs ?? table.Runs); seed++)
        {
            foreach (var training in table.Trainings.Keys.Where(name => rows.Any(row => row.Training == name)))
            {
                string[] detectors = [.. rows.Where(row => row.Training == training).Select(row => row.Detector).Distinct()];
                foreach (var arm in arms)
                {
                    var recipe = Recipe(table, table.Trainings[training], arm, options) with { Name = training, Seed = seed };
                    recipe = recipe with { Evaluation = recipe.Evaluation with { Detectors = detectors } };
                    cells.Add(new TrainingCell(cells.Count, training, arm, seed, recipe, detectors, ImagesOf(table, recipe)));
                }
            }
        }

        return new TablePlan(table, rows, arms, cells);
    }

    private static TableRow[] ChosenRows(TableFile table, IReadOnlyList<string>? methods)
    {
        if (methods is null)
            return [.. table.Rows];
        foreach (var method in methods.Where(method => !table.Rows.Any(row => Is(row, method))))
            throw new DataException($"the table has no method '{method}'; it has: {string.Join(", ", table.Rows.Select(row => row.Method))}");
        return [.. table.Rows.Where(row => methods.Any(method => Is(row, method)))];

        static bool Is(TableRow row, string method) => row.Method.Equals(method, StringComparison.OrdinalIgnoreCase);
    }

    private static Recipe Recipe(TableFile table, string path, string arm, TableOptions options)
    {
        var overrides = new List<string>();
        if (options.Fast)
            overrides.AddRange(table.Fast);
        if (arm == Sio)
            overrides.AddRange(table.Sio);
        RefuseOwn(table, path, overrides);
        if (arm == Sio && options.Synthetic is { } synthetic)
            overrides.Add($"synthetic.path='{synthetic.Replace("'", "''", StringComparison.Ordinal)}'");
        overrides.AddRange(options.Overrides);
        var recipe = RecipeReader.Read<Recipe>(path, overrides);

        // The recipe of a training may be one for SIO: without this, both arms would be the same.
        if (arm == Baseline)
            recipe = recipe with { Synthetic = new SyntheticRecipe() };
        else if (recipe.Synthetic.Path is null)
            recipe = options.DryRun ? recipe with { Synthetic = recipe.Synthetic with { Path = MissingSet } } : throw new DataException("the SIO arm needs synthetic images: give --synthetic PATH, or '--arms baseline' for the baseline alone");
        if (arm == Sio && !Run.UsesSynthetic(Run.Resolve(recipe).Synthetic))
            throw new DataException("the SIO arm would be trained without synthetic images: synthetic.real_ratio is 1");
        Run.RefuseUndrawnSynthetic(Run.Resolve(recipe));
        return WithoutIdleAuxiliary(recipe);
    }

    // What the table itself sets is its author's to mend, and not that of whoever typed the command.
    private static void RefuseOwn(TableFile table, string path, List<string> overrides)
    {
        try
        {
            if (overrides.Count > 0)
                _ = RecipeReader.Read<Recipe>(path, overrides);
        }
        catch (RecipeException error) when (error.Origin.StartsWith("--set ", StringComparison.Ordinal))
        {
            throw new DataException($"{table.Source}: its 'sio' or 'fast' has an override that cannot be: {error.Message["--set ".Length..]}", error);
        }
    }

    /// <summary>
    /// The recipe without auxiliary images where its training method takes none. They are named for a whole table: a training without use for them is to be the same whichever they are.
    /// </summary>
    internal static Recipe WithoutIdleAuxiliary(Recipe recipe)
    {
        var objective = Objective(recipe);
        return objective.AuxiliaryPerBatch > 0 ? recipe : recipe with { Objective = recipe.Objective with { Auxiliary = null } };
    }

    private static Objective Objective(Recipe recipe) => ObjectiveFactory.Create(new ObjectiveChoice(recipe.Objective.Name, recipe.Objective.Settings));

    private static long ImagesOf(TableFile table, Recipe recipe)
    {
        var objective = Objective(recipe);
        var real = recipe.Data.TrainImages ?? table.TrainImages;
        var batches = (long)Math.Ceiling((double)real / recipe.Training.BatchSize);
        return recipe.Training.Epochs * batches * ((recipe.Training.BatchSize * (1L + objective.ExtraViews)) + objective.AuxiliaryPerBatch);
    }
}
