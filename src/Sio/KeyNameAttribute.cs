namespace Sio;

/// <summary>The name of a recipe key or hyper-parameter, where it is another than the property's in snake_case.</summary>
/// <param name="name">The name, in snake_case.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class KeyNameAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name { get; } = name;
}
