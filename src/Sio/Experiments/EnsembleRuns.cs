using Sio.Data;
using Sio.Detection;
using Sio.Experiments.Results;
using Sio.Recipes;

namespace Sio.Experiments;

/// <summary>Further trained runs, whose networks judge the images of an evaluated run beside its own.</summary>
internal sealed class EnsembleRuns
{
    private readonly Run _run;
    private readonly List<(Run Run, RunFolder Folder)> _members = [];

    private EnsembleRuns(Run run) => _run = run;

    /// <summary>The members' folders.</summary>
    internal IReadOnlyList<string> Folders => [.. _members.Select(member => member.Folder.Path)];

    /// <summary>How many there are.</summary>
    internal int Count => _members.Count;

    /// <summary>Reads the members' recipes. Their networks run on the threads and the device of the evaluated run.</summary>
    /// <exception cref="DataException">One is no run, is there twice, or was trained on another benchmark.</exception>
    internal static EnsembleRuns Open(Run run, RunFolder folder, IReadOnlyList<string> paths)
    {
        var ensemble = new EnsembleRuns(run);
        foreach (var path in paths)
        {
            var member = new RunFolder(path);
            if (ensemble.Folders.Append(folder.Path).Select(Path.TrimEndingDirectorySeparator).Contains(Path.TrimEndingDirectorySeparator(member.Path)))
                throw new DataException($"{member.Path} is in the ensemble already: each network counts once");
            if (!File.Exists(member.RecipePath))
                throw new DataException($"{member.Path} is no run: {member.RecipePath} is missing");
            var recipe = RecipeReader.Read<Recipe>(member.RecipePath);
            if (recipe.Benchmark != run.Recipe.Benchmark)
                throw new DataException($"{member.Path} was trained on the benchmark {recipe.Benchmark}, {folder.Path} on {run.Recipe.Benchmark}: the runs of an ensemble share one");
            if (recipe.Data.Test != run.Recipe.Data.Test)
                throw new DataException($"{member.Path} has the ID test images {recipe.Data.Test}, {folder.Path} has {run.Recipe.Data.Test}: the runs of an ensemble share their classes");
            if (recipe.Data.Split != run.Recipe.Data.Split)
                throw new DataException($"{member.Path} knows the classes of split {recipe.Data.Split}, {folder.Path} those of split {run.Recipe.Data.Split}: the runs of an ensemble share their classes");
            RefuseOtherImages(run, member, folder);

            // Its network is wanted, and not what it was trained with.
            var wanted = recipe with { Synthetic = new SyntheticRecipe(), Evaluation = run.Recipe.Evaluation, Threads = run.Recipe.Threads, Device = run.Recipe.Device };
            ensemble._members.Add((Run.Prepare(wanted, run.Data), member));
        }

        return ensemble;
    }

    // A benchmark of the same name, or a file of images, may have been another one when the member was measured.
    private static void RefuseOtherImages(Run run, RunFolder member, RunFolder folder)
    {
        if (!File.Exists(member.ResultsPath) || ResultsFile.Read(member.ResultsPath).Images is not { } theirs)
            return;
        var test = run.Data.Test;
        if (theirs.TryGetValue(test.Name, out var hash) && !test.IsStreamed && !hash.StartsWith(Evaluator.FilesPrefix, StringComparison.Ordinal) && hash != test.ContentHash)
            throw new DataException($"{member.Path} was measured on other ID test images or labels named '{test.Name}' than {folder.Path} has: the runs of an ensemble share their classes");
    }

    /// <summary>Adds what each member says to banks, one network in memory after the other.</summary>
    /// <param name="sets">Images, and the evaluated run's bank of them.</param>
    /// <param name="progress">Told the number of images after each batch.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="DataException">Weights are missing, or are another network's.</exception>
    /// <exception cref="DetectionException">A network gives NaN or infinite values.</exception>
    internal void AddTo(IReadOnlyList<(ImageSet Images, FeatureBank Bank)> sets, Action<int> progress, CancellationToken cancellation)
    {
        var total = sets.Sum(set => set.Images.Count);
        foreach (var (run, folder) in _members)
        {
            using var model = run.LoadModel(folder);
            using var folded = FeatureBank.Fold(model, total, _run.Recipe.Evaluation.Precision);
            foreach (var (images, bank) in sets)
            {
                using var other = FeatureBank.Extract(
                    model, folded, images, run.Normalization, keepImages: false, _run.Recipe.Evaluation.BatchSize, progress, _run.Recipe.Evaluation.FlipAverage, cancellation);
                bank.AddMember(other.Logits.clone());
            }
        }
    }
}
