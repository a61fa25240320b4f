using System.Diagnostics;

namespace Sio.Engine;

/// <summary>Which files of LibTorch this process really has in memory.</summary>
internal static class LoadedLibraries
{
    private const int Pause = 50, LongestWait = 2000; // milliseconds
    private static readonly string[] s_libraries = ["c10", "torch_cpu", "torch_cuda"];

    /// <summary>The paths of a library that is loaded, e.g. <c>torch_cpu</c>; none where the system does not tell (macOS).</summary>
    internal static IReadOnlyList<string> Paths(string library)
    {
        var name = LibTorchFolder.FileName(library);
        using var process = Process.GetCurrentProcess();
        return
        [
            .. process.Modules.Cast<ProcessModule>().Select(module => module.FileName ?? string.Empty)
                .Where(path => IsNamed(Path.GetFileName(path), name)).Distinct(StringComparer.Ordinal)
        ];
    }

    /// <summary>Fails where a library of LibTorch is in memory that does not come from the folder it is to come from.</summary>
    /// <exception cref="LibTorchException">One is.</exception>
    internal static void RejectForeign(string folder)
    {
        // TorchSharp's own start, in another thread, may have the system's LibTorch in memory for as long as it takes to see that it does not
        // fit. What stays is foreign.
        for (var waited = 0; Foreign(folder) is { } path; waited += Pause)
        {
            if (waited >= LongestWait)
            {
                throw new LibTorchException(
                    $"{path} is loaded, LibTorch was to come from {folder}: call TorchRuntime.Initialize() before anything else uses TorchSharp");
            }

            Thread.Sleep(Pause);
        }
    }

    private static string? Foreign(string folder) => s_libraries.SelectMany(Paths)
        .FirstOrDefault(path => !SameFile(path, Path.Combine(folder, Path.GetFileName(path))));

    // libtorch_cpu.so, and libtorch_cpu.so.1.13.0 as distributions name it.
    private static bool IsNamed(string file, string name) =>
        file.Equals(name, StringComparison.OrdinalIgnoreCase) || file.StartsWith(name + ".", StringComparison.Ordinal);

    private static bool SameFile(string left, string right) =>
        string.Equals(Real(left), Real(right), OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

    // Follows links of the folders on the way, too: the system reports real paths.
    private static string Real(string path)
    {
        var full = Path.GetFullPath(path);
        for (var depth = 0; depth < 40; depth++)
        {
            var resolved = ResolveFirstLink(full);
            if (resolved is null)
                return full;
            full = resolved;
        }

        return full;
    }

    private static string? ResolveFirstLink(string full)
    {
        var root = Path.GetPathRoot(full) ?? string.Empty;
        var current = root;
        var parts = full[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < parts.Length; i++)
        {
            current = Path.Combine(current, parts[i]);
            var target = new FileInfo(current).LinkTarget;
            if (target is not null)
                return Path.GetFullPath(Path.Combine([Path.GetDirectoryName(current)!, target, .. parts[(i + 1)..]]));
        }

        return null;
    }
}
