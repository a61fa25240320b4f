using Sio.Data;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Experiments;

/// <summary>The weights that were taken from a file.</summary>
/// <param name="Key">What stands before their names in the file, without the last point: <c>state_dict</c>; empty where nothing
/// does.</param>
/// <param name="Tensors">How many tensors they are.</param>
/// <param name="Remarks">What else is to be said, each on one line.</param>
public sealed record ImportedWeights(string Key, int Tensors, IReadOnlyList<string> Remarks);

/// <summary>
/// The sets of weights in a file that have a network's names: a checkpoint may hold a network, the average of its weights, a teacher. Which
/// one is meant cannot be seen, so it is never guessed.
/// </summary>
internal sealed class WeightSets
{
    private const string Counter = "num_batches_tracked";

    private readonly string[] _names;
    private readonly IReadOnlyDictionary<string, Tensor> _weights;

    private WeightSets(string[] names, IReadOnlyDictionary<string, Tensor> weights) => (_names, _weights) = (names, weights);

    /// <summary>What stands before the names of each whole set, the shortest first.</summary>
    internal IReadOnlyList<string> Whole { get; private set; } = [];

    /// <summary>Sets that have the last layer's name, and lack something or have it in another shape; with the reason.</summary>
    internal IReadOnlyList<(string Prefix, string Reason)> Others { get; private set; } = [];

    /// <summary>Looks through a file's weights.</summary>
    /// <param name="own">The network's names and shapes; a shape that is null fits any.</param>
    /// <param name="weights">The file's.</param>
    internal static WeightSets Find(IReadOnlyList<(string Name, long[]? Shape)> own, IReadOnlyDictionary<string, Tensor> weights)
    {
        var sets = new WeightSets([.. own.Select(entry => entry.Name)], weights);
        var anchor = own.Last(entry => !IsCounter(entry.Name)).Name;
        var (whole, others) = (new List<string>(), new List<(string, string)>());
        foreach (var prefix in weights.Keys.Where(key => key.EndsWith(anchor, StringComparison.Ordinal)).Select(key => key[..^anchor.Length]).OrderBy(text => text.Length).ThenBy(text => text, StringComparer.Ordinal))
        {
            if (Fault(prefix, own, weights) is { } fault)
                others.Add((prefix, fault));
            else
                whole.Add(prefix);
        }

        (sets.Whole, sets.Others) = (whole, others);
        return sets;
    }

    /// <summary>Chooses a set.</summary>
    /// <param name="key">What the user asked for; null for the one that there is.</param>
    /// <param name="file">The file, for messages.</param>
    /// <exception cref="DataException">There are several that differ, or none of this name.</exception>
    internal string Choose(string? key, string file)
    {
        if (key is not null)
        {
            // The name of the dictionary is enough, also where it holds 'module.' and the like.
            var asked = Whole.Where(prefix => Show(prefix) == Show(key)).DefaultIfEmpty().First() ?? Single(Whole.Where(prefix => prefix.StartsWith(Show(key) + ".", StringComparison.Ordinal)));
            return asked ?? throw new DataException($"{file} has no weights of this network under '{key}'; {(Whole.Count == 0 ? "there are none" : $"there are: {Listed()}")}{Lacking()}");
        }

        if (Whole.Count > 1 && Whole.Skip(1).Any(prefix => !Same(Whole[0], prefix)))
            throw new DataException($"{file} has {Whole.Count} sets of weights that fit this network, {Listed()}, and they differ: choose one with --weights KEY{Lacking()}");

        // Where none is whole, the error is about the nearest.
        return Whole.Concat(Others.Select(other => other.Prefix)).FirstOrDefault(string.Empty);
    }

    /// <summary>The weights of a set by the network's names, and what else stands beside them.</summary>
    /// <param name="prefix">What stands before the names.</param>
    internal Dictionary<string, Tensor> Take(string prefix)
    {
        var nested = Whole.Concat(Others.Select(other => other.Prefix)).Where(other => other.Length > prefix.Length && other.StartsWith(prefix, StringComparison.Ordinal)).ToArray();
        var found = _weights
            .Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal) && (_names.Contains(entry.Key[prefix.Length..]) || !nested.Any(other => entry.Key.StartsWith(other, StringComparison.Ordinal))))
            .ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value, StringComparer.Ordinal);

        // PyTorch before 0.4.1 had no such counters, and evaluation never looks at them.
        foreach (var missing in _names.Where(name => IsCounter(name) && !found.ContainsKey(name)))
            found.Add(missing, torch.zeros([], dtype: ScalarType.Int64));
        return found;
    }

    /// <summary>Which set was taken, and what the file has of the like.</summary>
    internal ImportedWeights Report(string prefix)
    {
        var remarks = new List<string>();
        if (Whole.Count > 1 && Whole.All(other => Same(other, prefix)))
            remarks.Add($"the same weights stand under {string.Join(", ", Whole.Where(other => other != prefix).Select(Quote))}, too");
        else if (Whole.Count > 1)
            remarks.Add($"other weights of this network stand under {string.Join(", ", Whole.Where(other => other != prefix).Select(Quote))}");
        remarks.AddRange(Others.Select(other => $"{Quote(other.Prefix)} was not taken: {other.Reason}"));
        return new ImportedWeights(Show(prefix), _names.Count(name => _weights.ContainsKey(prefix + name)), remarks);
    }

    /// <summary>How many values of a tensor are NaN or infinite.</summary>
    internal static long NonFinite(Tensor value)
    {
        using var scope = NewDisposeScope();
        return is_floating_point(value.dtype) ? value.numel() - value.isfinite().sum().item<long>() : 0;
    }

    private static string? Fault(string prefix, IReadOnlyList<(string Name, long[]? Shape)> own, IReadOnlyDictionary<string, Tensor> weights)
    {
        foreach (var (name, shape) in own.Where(entry => !IsCounter(entry.Name)))
        {
            if (!weights.TryGetValue(prefix + name, out var value))
                return $"it has no {name}";
            if (shape is not null && !value.shape.AsSpan().SequenceEqual(shape))
                return $"{name} is [{string.Join(",", value.shape)}], expected [{string.Join(",", shape)}]";
        }

        return null;
    }

    private static bool IsCounter(string name) => name.EndsWith(Counter, StringComparison.Ordinal);

    private static string Show(string prefix) => prefix.TrimEnd('.');

    private static string Quote(string prefix) => Show(prefix).Length == 0 ? "'' (the file's own names)" : $"'{Show(prefix)}'";

    private static string? Single(IEnumerable<string> prefixes) => prefixes.ToArray() is [var only] ? only : null;

    private string Listed() => string.Join(" and ", Whole.Select(Quote));

    private string Lacking() => string.Concat(Others.Take(3).Select(other => $"; {Quote(other.Prefix)} does not fit: {other.Reason}"));

    private bool Same(string first, string second) => first == second || _names.Where(name => !IsCounter(name)).All(name =>
    {
        var (a, b) = (_weights[first + name], _weights[second + name]);
        using var scope = NewDisposeScope();
        return a.dtype == b.dtype && a.shape.SequenceEqual(b.shape) && a.ValuesEqual(b);
    });
}
