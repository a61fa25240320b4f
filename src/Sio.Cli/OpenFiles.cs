using System.Runtime.InteropServices;

namespace Sio.Cli;

/// <summary>How many files this process may open. .NET needs some sixty for itself, and dies within where it cannot have them.</summary>
internal static partial class OpenFiles
{
    private const int Needed = 192;

    /// <summary>Why the program cannot run; null where it can. To be asked before anything else, which would open files.</summary>
    internal static string? Problem()
    {
        if (OperatingSystem.IsWindows())
            return null;
        var resource = OperatingSystem.IsMacOS() ? 8 : 7; // RLIMIT_NOFILE
        return GetLimit(resource, out var limit) == 0 && limit.Current < Needed
            ? FormattableString.Invariant($"error: this process may open {limit.Current} files, and needs {Needed}: raise the limit ('ulimit -n {Needed}')")
            : null;
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Current;
        public ulong Most;
    }
}
