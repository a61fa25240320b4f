using TorchSharp;

namespace Sio.Engine;

/// <summary>
/// Numbers that operators of every training step need. A C# number becomes a native scalar at each call, even the hidden factor of
/// <c>a.add_(b)</c>, and only a
/// finaliser frees it.
/// </summary>
internal static class Scalars
{
    /// <summary>1.</summary>
    internal static readonly Scalar One = 1L;
}
