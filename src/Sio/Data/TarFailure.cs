namespace Sio.Data;

/// <summary>Tells damage of a tar archive from other errors.</summary>
internal static class TarFailure
{
    /// <summary>
    /// Whether .NET's reader throws this at damaged archives. It has no exception of its own: numbers beyond a type, names that no path can have,
    /// entries of kinds that it does not know, headers that need one that is not there, and sizes of headers beyond memory come as what its parts throw.
    /// </summary>
    internal static bool Is(Exception error) => error is InvalidDataException or EndOfStreamException or FormatException or OverflowException or ArgumentException or NotSupportedException or InvalidOperationException;
}
