using Sio.Data;
using Sio.Nn;
using Sio.Recipes;
using Sio.Serialization;
using Sio.Training;
using static TorchSharp.torch;

namespace Sio.Experiments;

/// <summary>
/// Makes a run of weights that were trained elsewhere: OpenOOD's checkpoints (<c>.ckpt</c>, <c>.pth</c>) or safetensors files fit the network of the
/// same name, and the run can be evaluated like one of ours.
/// </summary>
public static class WeightsImport
{
    /// <summary>Reads weights, checks that they fit the run's network, and writes recipe and weights into a folder.</summary>
    /// <param name="run">The run: its recipe names network, benchmark and normalisation.</param>
    /// <param name="path">The file of weights.</param>
    /// <param name="folder">The run's folder; an earlier run in it is replaced.</param>
    /// <param name="weights">What stands before the names of the weights that are meant, such as <c>state_dict</c> or <c>ema</c>; needed
    /// where a file has several sets of them.</param>
    /// <returns>Which weights were taken.</returns>
    /// <exception cref="DataException">
    /// The file is missing, damaged, or of another network, has several sets of weights and none is named, or a weight is NaN or infinite;
    /// or another process works in the folder. Nothing has been
    /// written then.
    /// </exception>
    public static ImportedWeights Import(Run run, string path, RunFolder folder, string? weights = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(folder);
        var tensors = Read(path, out var notes);
        try
        {
            using var scope = NewDisposeScope();
            using var model = run.NewModel();
            if (model.Extension!.StateDict().Count > 0)
                throw new DataException($"weights cannot be imported for the objective {run.Recipe.Objective.Name}: it adds layers to the network, which the file does not have");
            (string Name, long[]? Shape)[] own = [.. model.StateDict().Select(entry => (entry.Name, (long[]?)entry.Value.shape))];
            var sets = WeightSets.Find(own, tensors);
            var prefix = sets.Choose(weights, path);
            var taken = sets.Take(prefix);
            RefuseNonFinite(path, prefix, own, taken);
            try
            {
                model.LoadStateDict(taken);
            }
            catch (StateDictException error)
            {
                throw new DataException($"{path} does not fit {run.Recipe.Network.Name}: {error.Message}{(notes is null ? string.Empty : TorchFile.Others(notes.PassedOver))}", error);
            }

            folder.Create();
            using var held = folder.Lock();
            folder.Clear();
            folder.Checkpoint.SaveModel(model);
            AtomicFile.WriteAllText(folder.RecipePath, RecipeWriter.Write(run.Recipe));
            var report = sets.Report(prefix);
            return notes is { WithoutSums: true } ? report with { Remarks = [.. report.Remarks, $"{path} was written without checksums: damage to it cannot be seen"] } : report;
        }
        finally
        {
            foreach (var tensor in tensors.Values)
                tensor.Dispose();
        }
    }

    /// <summary>Finds a network's names among a file's: plain, behind <c>module.</c>, or inside a dictionary such as <c>state_dict</c>.</summary>
    internal static Dictionary<string, Tensor> Match(IReadOnlyCollection<string> names, IReadOnlyDictionary<string, Tensor> weights)
    {
        var sets = WeightSets.Find([.. names.Select(name => (name, (long[]?)null))], weights);
        return sets.Take(sets.Choose(null, "the file"));
    }

    private static void RefuseNonFinite(string path, string prefix, (string Name, long[]? Shape)[] own, Dictionary<string, Tensor> taken)
    {
        foreach (var (name, _) in own)
        {
            if (taken.TryGetValue(name, out var value) && WeightSets.NonFinite(value) is > 0 and var count)
                throw new DataException($"{path}: {count} of {value.numel()} values of '{prefix}{name}' are NaN or infinite: the training that wrote them had failed");
        }
    }

    // The content decides: .bin may be either, and endings are written in capitals.
    private static IReadOnlyDictionary<string, Tensor> Read(string path, out TorchFileNotes? notes)
    {
        notes = null;
        try
        {
            if (Directory.Exists(path))
                throw new DataException(WeightsFileKind.OfFolder(path));
            if (WeightsFileKind.IsSafetensors(path) || (Path.GetExtension(path).Equals(".safetensors", StringComparison.OrdinalIgnoreCase) && !WeightsFileKind.IsTorch(path)))
                return StateFile.ReadChecked(path).Tensors;
            var tensors = TorchFile.Read(path, out var found);
            notes = found;
            return tensors;
        }
        catch (Exception error) when (error is TorchFileException or SafetensorsException)
        {
            throw new DataException(error.Message, error);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataException($"{path}: not found, a .ckpt, .pth or .safetensors file of weights was expected", error);
        }
    }
}
