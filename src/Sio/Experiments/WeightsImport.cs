using Sio.Data;
using Sio.Nn;
using Sio.Recipes;
using Sio.Serialization;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Experiments;

/// <summary>
/// Makes a run of weights that were trained elsewhere: OpenOOD's checkpoints (<c>.ckpt</c>, <c>.pth</c>) or safetensors files fit the network of the
/// same name, and the run can be evaluated like one of ours.
/// </summary>
public static class WeightsImport
{
    private const string Counter = "num_batches_tracked";

    /// <summary>Reads weights, checks that they fit the run's network, and writes recipe and weights into a folder.</summary>
    /// <param name="run">The run: its recipe names network, benchmark and normalisation.</param>
    /// <param name="path">The file of weights.</param>
    /// <param name="folder">The run's folder; an earlier run in it is replaced.</param>
    /// <exception cref="DataException">The file is missing, damaged, not allowed, or of another network; nothing has been written then.</exception>
    public static void Import(Run run, string path, RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(folder);
        var weights = Read(path);
        try
        {
            using var scope = NewDisposeScope();
            using var model = run.NewModel();
            if (model.Extension!.StateDict().Count > 0)
                throw new DataException($"weights cannot be imported for the objective {run.Recipe.Objective.Name}: it adds layers to the network, which the file does not have");
            var names = model.StateDict().Select(entry => entry.Name).ToArray();
            try
            {
                model.LoadStateDict(Match(names, weights));
            }
            catch (StateDictException error)
            {
                throw new DataException($"{path} does not fit {run.Recipe.Network.Name}: {error.Message}", error);
            }

            folder.Create();
            folder.Clear();
            folder.Checkpoint.SaveModel(model);
            AtomicFile.WriteAllText(folder.RecipePath, RecipeWriter.Write(run.Recipe));
        }
        finally
        {
            foreach (var tensor in weights.Values)
                tensor.Dispose();
        }
    }

    /// <summary>Finds a network's names among a file's: plain, behind <c>module.</c>, or inside a dictionary such as <c>state_dict</c>.</summary>
    internal static Dictionary<string, Tensor> Match(IReadOnlyCollection<string> names, IReadOnlyDictionary<string, Tensor> weights)
    {
        // What stands before the last layer's name in the file stands before all of them.
        var anchor = names.Last(name => !name.EndsWith(Counter, StringComparison.Ordinal));
        var prefixes = weights.Keys.Where(key => key.EndsWith(anchor, StringComparison.Ordinal)).Select(key => key[..^anchor.Length]);
        var prefix = prefixes.OrderBy(text => text.Length).FirstOrDefault(string.Empty);
        var found = weights.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value, StringComparer.Ordinal);

        // PyTorch before 0.4.1 had no such counters, and evaluation never looks at them.
        foreach (var missing in names.Where(name => name.EndsWith(Counter, StringComparison.Ordinal) && !found.ContainsKey(name)))
            found.Add(missing, torch.zeros([], dtype: ScalarType.Int64));
        return found;
    }

    private static IReadOnlyDictionary<string, Tensor> Read(string path)
    {
        try
        {
            return Path.GetExtension(path) == ".safetensors" ? Safetensors.Read(path).Tensors : TorchFile.Read(path);
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
