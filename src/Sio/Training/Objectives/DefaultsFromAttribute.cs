namespace Sio.Training.Objectives;

/// <summary>Where the default hyper-parameters of an objective come from.</summary>
/// <param name="source">A few words: the paper, a peer's recipe.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class DefaultsFromAttribute(string source) : Attribute
{
    /// <summary>A few words.</summary>
    public string Source { get; } = source;
}
