using Sio.Data;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Training;

/// <summary>What every trainer sees to before it goes on from a checkpoint, and before it writes one.</summary>
internal static class ResumeChecks
{
    /// <summary>Refuses a checkpoint of a run with other settings or another number of threads: weights half trained on other images, or at another learning rate, would be nobody's result.</summary>
    /// <param name="path">The checkpoint, for the message.</param>
    /// <param name="saved">All that shaped its weights, by name.</param>
    /// <param name="now">The same of the run that wants to go on from it.</param>
    /// <param name="threads">The checkpoint's threads per operator.</param>
    /// <exception cref="DataException">Something differs.</exception>
    internal static void RefuseOtherRun(string path, IReadOnlyDictionary<string, string> saved, IReadOnlyDictionary<string, string> now, int threads)
    {
        var different = now.Keys.Union(saved.Keys).Where(key => now.GetValueOrDefault(key) != saved.GetValueOrDefault(key)).Order(StringComparer.Ordinal).ToArray();
        if (different.Length > 0)
            throw new DataException($"{path} belongs to a run with other settings: {string.Join(", ", different)} differ");
        if (threads != TorchRuntime.Threads)
        {
            throw new DataException(
                $"{path} was trained with {threads} threads, now there are {TorchRuntime.Threads}, and the last bits would differ: set threads to {threads}");
        }
    }

    /// <summary>The first weight or buffer that has values that are NaN or infinite; null when all are sound. A finite loss may still leave an update that overflows.</summary>
    internal static string? BrokenWeight(IEnumerable<(string Name, Tensor Value)> weights)
    {
        using var scope = NewDisposeScope();
        foreach (var (name, value) in weights.Where(entry => is_floating_point(entry.Value.dtype)))
        {
            if (value.isfinite().all().ToDouble() == 0)
                return name;
        }

        return null;
    }
}
