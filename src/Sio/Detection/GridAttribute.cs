namespace Sio.Detection;

/// <summary>The values of a hyper-parameter that a search tries: OpenOOD's own, where it has them.</summary>
/// <param name="values">Numbers or names.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class GridAttribute(params object[] values) : Attribute
{
    /// <summary>The values.</summary>
    public IReadOnlyList<object> Values { get; } = values;
}
