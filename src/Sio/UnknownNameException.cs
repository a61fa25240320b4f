namespace Sio;

/// <summary>A name that is not in its catalog; the message has those that are.</summary>
public sealed class UnknownNameException : Exception
{
    /// <summary>Says which name is unknown and which are known.</summary>
    /// <param name="kind">What was looked for, e.g. Detector.</param>
    /// <param name="name">The unknown name.</param>
    /// <param name="known">The known names.</param>
    public UnknownNameException(string kind, string name, IEnumerable<string> known)
        : base($"there is no {kind.ToLowerInvariant()} '{name}'; there are: {string.Join(", ", known)}")
    {
    }
}
