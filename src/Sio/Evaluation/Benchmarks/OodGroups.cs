using Sio.Data;

namespace Sio.Evaluation.Benchmarks;

/// <summary>Which OOD sets are near and which far, by name.</summary>
/// <param name="Near">Names of the near-OOD sets.</param>
/// <param name="Far">Names of the far-OOD sets.</param>
/// <param name="Origin">What to call their origin in messages: a file, an option.</param>
public sealed record OodGroups(IReadOnlyList<string> Near, IReadOnlyList<string> Far, string Origin)
{
    /// <summary>No groups: every set stands for itself.</summary>
    public static OodGroups None { get; } = new([], [], "");

    /// <summary>Refuses a set that stands in both groups, or twice in one.</summary>
    /// <exception cref="DataException">One does.</exception>
    public void RefuseTwice()
    {
        if (Near.Concat(Far).GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new DataException($"{Origin}: the OOD set '{twice.Key}' is named twice; a set is either near or far");
    }

    /// <summary>Refuses groups that name a set that is not there: a mean over the others would look like the whole.</summary>
    /// <param name="there">Names of the OOD sets that there are.</param>
    /// <param name="where">What has them.</param>
    /// <exception cref="DataException">A set is missing.</exception>
    public void RefuseMissing(IReadOnlyCollection<string> there, string where)
    {
        ArgumentNullException.ThrowIfNull(there);
        if (Near.Concat(Far).FirstOrDefault(name => !there.Contains(name)) is { } missing)
            throw new DataException($"{where}: has no OOD set '{missing}', which {Origin} names; there are: {string.Join(", ", there)}");
    }
}
