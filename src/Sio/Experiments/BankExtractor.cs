using Sio.Data;
using Sio.Detection;
using Sio.Engine;
using static TorchSharp.torch;

namespace Sio.Experiments;

/// <summary>Writes the features that a trained run, or a TorchScript model, gives a recipe's image sets as a bank on disk.</summary>
public static class BankExtractor
{
    /// <summary>The ID test set's name among <see cref="Sets"/>.</summary>
    public const string Id = "id";

    /// <summary>What a run has: <c>train</c>, <c>val</c> and <c>val_ood</c> where there are validation images, <c>id</c>, and the OOD and covariate-shifted ID sets by their names.</summary>
    public static IReadOnlyList<string> Sets(Run run) => [.. Named(run).Select(entry => entry.Name)];

    /// <summary>Runs the network over image sets and writes a bank.</summary>
    /// <param name="run">The run, prepared.</param>
    /// <param name="folder">The run's folder, with trained weights.</param>
    /// <param name="sets">Some of <see cref="Sets"/>; all when null.</param>
    /// <param name="output">The bank's folder.</param>
    /// <param name="images">Whether the images go into the bank too, as <c>&lt;set&gt;_images.npy</c> (uint8, N×H×W×C), with their normalisation.</param>
    /// <param name="observer">Is told how many images are done.</param>
    /// <param name="cancellation">Stops between batches; nothing has been written then.</param>
    /// <returns>The sets written, with their numbers of images.</returns>
    /// <exception cref="DataException">There is no such set, weights are missing or do not fit, or the bank cannot be written.</exception>
    /// <exception cref="DetectionException">The network gives NaN or infinite values.</exception>
    public static IReadOnlyList<(string Set, int Count)> Extract(
        Run run, RunFolder folder, IReadOnlyList<string>? sets, string output, bool images = false, RunObserver? observer = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(folder);
        var wanted = Wanted(run, sets);
        var total = Total(wanted);
        using var model = run.LoadModel(folder);
        using var folded = FeatureBank.Fold(model, total, run.Recipe.Evaluation.Precision);
        using var scope = NewDisposeScope();
        (Tensor Weight, Tensor Bias)? head = model.HasLinearLogits ? (model.Head.weight.detach().cpu(), model.Head.bias!.detach().cpu()) : null;
        return Write(output, wanted, head, images ? run.Normalization : null, images, observer, (set, progress) => FeatureBank.Extract(
            model, folded, set, run.Normalization, keepImages: false, run.Recipe.Evaluation.BatchSize, progress, run.Recipe.Evaluation.FlipAverage, cancellation));
    }

    /// <summary>Runs a TorchScript model over a recipe's image sets and writes a bank, with its images' normalisation; the recipe's network is not asked.</summary>
    /// <param name="run">The recipe, prepared.</param>
    /// <param name="module">The model: normalised images → (logits, features).</param>
    /// <param name="normalization">The one the model was trained with; the recipe's when null.</param>
    /// <param name="sets">Some of <see cref="Sets"/>; all when null.</param>
    /// <param name="output">The bank's folder.</param>
    /// <param name="images">Whether the images go into the bank too, as <c>&lt;set&gt;_images.npy</c> (uint8, N×H×W×C).</param>
    /// <param name="observer">Is told how many images are done.</param>
    /// <param name="cancellation">Stops between batches; nothing has been written then.</param>
    /// <returns>The sets written, with their numbers of images.</returns>
    /// <exception cref="DataException">There is no such set, the normalisation is for other images, or the bank cannot be written.</exception>
    /// <exception cref="DetectionException">The model gives NaN or infinite values or other things than logits and features, or its last layer is not found.</exception>
    /// <exception cref="TorchException">The model does not take these images.</exception>
    public static IReadOnlyList<(string Set, int Count)> Extract(
        Run run, jit.ScriptModule module, Normalization? normalization, IReadOnlyList<string>? sets, string output, bool images = false, RunObserver? observer = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(module);
        var wanted = Wanted(run, sets);
        var used = normalization ?? run.Normalization;
        if (used.Mean.Length != run.Data.Train.Channels)
            throw new DataException($"{run.Data.Train} have {run.Data.Train.Channels} channels, the normalisation has {used.Mean.Length}");
        TorchRuntime.Threads = run.Recipe.Threads;
        using var scope = NewDisposeScope();
        var model = new ScriptModel(module, used);
        using var first = FeatureBank.Extract(model, wanted[0].Images.Take(Math.Min(HeadFinder.Images, wanted[0].Images.Count), seed: 0, stratified: false), used, cancellation: cancellation);
        var (weight, bias) = ScriptHead.Find(module, first.Logits, first.Features) ?? throw new DetectionException(
            $"no weights of the model turn its features {first.Features} into its logits {first.Logits}, and a bank has such a last layer; 'sio score --model' evaluates images without one");
        return Write(output, wanted, (weight, bias), used, images, observer, (set, progress) => FeatureBank.Extract(
            model, set, used, keepImages: false, run.Recipe.Evaluation.BatchSize, progress, cancellation));
    }

    private static int Total((string Name, string Set, ImageSet Images)[] wanted) => wanted.Sum(entry => entry.Images.Count);

    private static IReadOnlyList<(string Set, int Count)> Write(
        string output, (string Name, string Set, ImageSet Images)[] wanted, (Tensor Weight, Tensor Bias)? head, Normalization? normalization, bool images, RunObserver? observer,
        Func<ImageSet, Action<int>, FeatureBank> extract)
    {
        var bank = new BankFolder(output);
        bank.RefuseOthers(head);
        if (normalization is not null && NormalizationFile.Read(bank.Path) is { } there
            && !(there.Mean.SequenceEqual(normalization.Mean) && there.Std.SequenceEqual(normalization.Std)))
            throw new DataException($"{bank.Path} holds features of images of another normalisation ({NormalizationFile.Name} differs): choose another --out");

        // Features of these images beside images of an earlier extraction would be scored as if they belonged together.
        if (!images && wanted.FirstOrDefault(entry => File.Exists(ScriptBank.ImagesPath(bank.Path, entry.Set))) is { Set: { } old })
            throw new DataException($"{ScriptBank.ImagesPath(bank.Path, old)} is there from an earlier extraction, and might be of other images: write them anew with --images, or choose another --out");
        RunFolder.Create(bank.Path);
        var (total, done) = (Total(wanted), 0);
        bank.Write(head, wanted.Select(entry => (entry.Set, extract(entry.Images, count => observer?.Evaluated(done += count, total)))), folder =>
        {
            if (normalization is not null)
                NormalizationFile.Write(folder, normalization);
            if (!images)
                return;
            foreach (var (_, set, own) in wanted)
                ScriptBank.WriteImages(folder, set, own);
        });
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
            if (name == BankFolder.ValidationOod && run.Data.ValidationOod is null)
                throw new DataException($"there are no OOD validation images: data.validation_ood names none, and there are no ID validation images to make some of");
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
        if (data.ValidationOod is { } validationOod)
            sets.Add((BankFolder.ValidationOod, BankFolder.ValidationOod, validationOod));
        sets.Add((Id, BankFolder.Id, data.Test));
        foreach (var set in data.Near.Concat(data.Far))
            sets.Add((Free(set.Name), BankFolder.OodSet(set.Name), set));
        foreach (var set in data.ShiftedId)
            sets.Add((Free(set.Name), BankFolder.ShiftedSet(set.Name), set));
        return [.. sets];
    }

    private static string Free(string name) => name is BankFolder.Train or BankFolder.Validation or BankFolder.ValidationOod or Id
        ? throw new DataException($"an image set is named '{name}', which means another set in a bank: give it another name in data.near, data.far or data.shifted_id")
        : name;
}
