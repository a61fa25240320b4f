using Sio.Data;
using Sio.Detection;
using Sio.Torch;

namespace Sio.Experiments;

/// <summary>Writes the features of a trained run's image sets as a bank on disk.</summary>
public static class BankExtractor
{
    /// <summary>The ID test set's name among <see cref="Sets"/>.</summary>
    public const string Id = "id";

    /// <summary>What a run has: <c>train</c>, <c>val</c> where there are validation images, <c>id</c>, and the OOD and covariate-shifted ID sets by their names.</summary>
    public static IReadOnlyList<string> Sets(Run run) => [.. Named(run).Select(entry => entry.Name)];

    /// <summary>Runs the network over image sets and writes a bank.</summary>
    /// <param name="run">The run, prepared.</param>
    /// <param name="folder">The run's folder, with trained weights.</param>
    /// <param name="sets">Some of <see cref="Sets"/>; all when null.</param>
    /// <param name="output">The bank's folder.</param>
    /// <param name="observer">Is told how many images are done.</param>
    /// <param name="cancellation">Stops between batches; nothing has been written then.</param>
    /// <returns>The sets written, with their numbers of images.</returns>
    /// <exception cref="DataException">There is no such set, weights are missing or do not fit, or the bank cannot be written.</exception>
    /// <exception cref="DetectionException">The network gives NaN or infinite values.</exception>
    public static IReadOnlyList<(string Set, int Count)> Extract(
        Run run, RunFolder folder, IReadOnlyList<string>? sets, string output, RunObserver? observer = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(folder);
        var wanted = Wanted(run, sets);
        var total = wanted.Sum(entry => entry.Images.Count);
        var done = 0;
        using var model = run.LoadModel(folder);
        using var traced = total < FeatureBank.TracedFrom ? null : TracedClassifier.TryTrace(model);
        using var scope = new TensorScope();
        var (weight, bias) = (model.Head.Weight.Detach().Cpu(), model.Head.Bias!.Detach().Cpu());
        var bank = new BankFolder(output);
        bank.RefuseOthers(weight, bias);
        RunFolder.Create(bank.Path);
        bank.Write(weight, bias, wanted.Select(entry => (entry.Set, FeatureBank.Extract(
            model, traced, entry.Images, run.Normalization, keepImages: false, run.Recipe.Evaluation.BatchSize, count => observer?.Evaluated(done += count, total), cancellation))));
        return [.. wanted.Select(entry => (entry.Set, entry.Images.Count))];
    }

    private static (string Name, string Set, ImageSet Images)[] Wanted(Run run, IReadOnlyList<string>? sets)
    {
        var all = Named(run);
        if (sets is null)
            return all;
        foreach (var name in sets)
        {
            if (name == BankFolder.Validation && run.Data.Validation is null)
                throw new DataException($"there are no validation images: all training images are trained on (fewer data.train_images leave some), or data.validation names none");
            if (!all.Any(entry => entry.Name == name))
                throw new DataException($"there is no image set '{name}'; there are: {string.Join(", ", all.Select(entry => entry.Name))}");
        }

        return [.. all.Where(entry => sets.Contains(entry.Name))];
    }

    private static (string Name, string Set, ImageSet Images)[] Named(Run run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var data = run.Data;
        var sets = new List<(string Name, string Set, ImageSet Images)> { (BankFolder.Train, BankFolder.Train, data.Train) };
        if (data.Validation is { } validation)
            sets.Add((BankFolder.Validation, BankFolder.Validation, validation));
        sets.Add((Id, BankFolder.Id, data.Test));
        foreach (var set in data.Near.Concat(data.Far))
            sets.Add((Free(set.Name), BankFolder.OodSet(set.Name), set));
        foreach (var set in data.ShiftedId)
            sets.Add((Free(set.Name), BankFolder.ShiftedSet(set.Name), set));
        return [.. sets];
    }

    private static string Free(string name) => name is BankFolder.Train or BankFolder.Validation or Id
        ? throw new DataException($"an image set is named '{name}', which means another set in a bank: give it another name in data.near, data.far or data.shifted_id")
        : name;
}
