namespace Sio;

/// <summary>
/// Says in a sentence what a recipe key or hyper-parameter does. The writer puts it above the key as a comment, and help lists it.
/// </summary>
/// <param name="text">One sentence, with units where there are some; it may span lines.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public sealed class DescribeAttribute(string text) : Attribute
{
    /// <summary>The sentence.</summary>
    public string Text { get; } = text;
}
