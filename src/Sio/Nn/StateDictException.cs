using static TorchSharp.torch;

namespace Sio.Nn;

/// <summary>Weights that belong to another network: names are missing, unknown, or of another shape.</summary>
public sealed class StateDictException : Exception
{
    private const int Shown = 3;

    /// <summary>Says what does not fit.</summary>
    public StateDictException(string message)
        : base(message)
    {
    }

    internal static void ThrowIfDifferent(IReadOnlyList<(string Name, Tensor Value)> own, IReadOnlyDictionary<string, Tensor> state)
    {
        var missing = own.Where(entry => !state.ContainsKey(entry.Name)).Select(entry => entry.Name).ToArray();
        var known = own.Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
        var unknown = state.Keys.Where(name => !known.Contains(name)).Order(StringComparer.Ordinal).ToArray();
        if (missing.Length > 0 || unknown.Length > 0)
            throw new StateDictException($"the weights are of another network: {Name("missing", missing)}{Name("unknown", unknown)}".TrimEnd(' ', ';'));
        foreach (var (name, value) in own)
        {
            if (!value.shape.AsSpan().SequenceEqual(state[name].shape))
            {
                throw new StateDictException(
                    $"the weights are of another network: {name} is [{string.Join(",", state[name].shape)}], expected [{string.Join(",", value.shape)}]");
            }
        }
    }

    private static string Name(string what, string[] names) => names.Length == 0
        ? string.Empty
        : $"{what} {string.Join(", ", names.Take(Shown))}{(names.Length > Shown ? $" and {names.Length - Shown} more" : string.Empty)}; ";
}
