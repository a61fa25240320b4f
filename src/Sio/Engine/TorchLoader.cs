using System.Runtime.InteropServices;

namespace Sio.Engine;

/// <summary>
/// Loads LibTorch and TorchSharp's own native library, in that order and by path, checks that these and no others are in memory, and makes
/// them safe to compute with. Uses nothing of TorchSharp's managed code, so that it may run while that starts up.
/// </summary>
internal static class TorchLoader
{
    // Debian 12's libstdc++ is older than the compiler that TorchSharp's library was built with. The one symbol of this version that the
    // library names is a marker that nothing calls.
    private const string MissingVersion = "GLIBCXX_3.4.32";

    private static readonly Lock s_lock = new();
    private static volatile LoadedTorch? s_loaded;
    private static LibTorchException? s_failure;

    /// <summary>What is loaded; null before the first use.</summary>
    internal static LoadedTorch? Loaded => s_loaded;

    /// <summary>Loads everything, once; fails each time in the same way.</summary>
    /// <exception cref="LibTorchException">It is missing, damaged, foreign or of another version.</exception>
    internal static LoadedTorch Load()
    {
        if (s_loaded is { } loaded)
            return loaded;
        lock (s_lock)
        {
            if (s_loaded is null)
            {
                if (s_failure is not null)
                    throw s_failure;
                try
                {
                    s_loaded = LoadAll();
                }
                catch (LibTorchException failure)
                {
                    // What was loaded halfway stays in memory: a second try would find other things than the first.
                    s_failure = failure;
                    throw;
                }
            }

            return s_loaded;
        }
    }

    private static LoadedTorch LoadAll()
    {
        ProcessSettings.Apply();
        var folder = LibTorchFolder.Find();
        LoadedLibraries.RejectForeign(folder);
        Open(folder, "c10");
        var cpu = Open(folder, "torch_cpu");
        // With a LibTorch for GPUs, this one brings libtorch_cuda.
        Open(folder, "torch");
        LoadedLibraries.RejectForeign(folder);
        var exports = new LibTorchExports(cpu);
        var path = LoadedLibraries.Paths("torch_cpu") is [var mapped, ..] ? mapped : Path.Combine(folder, LibTorchFolder.FileName("torch_cpu"));
        var version = exports.Version;
        LibTorchVersion.Check(version ?? LibTorchVersion.Read(folder), path);
        var bindingPath = LibTorchFolder.FindBinding();
        var (binding, fromMemory) = OpenBinding(bindingPath);
        // NNPACK says at each convolution that it lacks these CPUs' features. Without it the same kernels run as with it.
        exports.TrySetNnpack(false);
        return new LoadedTorch(
            cpu, binding, exports, path, bindingPath, fromMemory, version ?? LibTorchVersion.Needed, CacheRepair.Apply(binding, exports, path));
    }

    private static nint Open(string folder, string library)
    {
        var path = Path.Combine(folder, LibTorchFolder.FileName(library));
        if (!File.Exists(path))
            throw new LibTorchException($"{path} is missing, although other files of LibTorch are there: restore the package again");
        RejectDamaged(path);
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException)
        {
            throw new LibTorchException($"{path} cannot be loaded: {LastLine(failure.Message)}", failure);
        }
    }

    // The system's loader maps a file that was cut off, and the process dies later.
    internal static void RejectDamaged(string path)
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            using var file = File.OpenRead(path);
            if (ElfFile.TryRead(file) is not { IsWhole: true })
                throw new LibTorchException($"{path} is damaged: it is no library, or was cut off; delete the package's folder and restore it again");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new LibTorchException($"{path} cannot be read: {failure.Message}", failure);
        }
    }

    private static (nint Library, bool FromMemory) OpenBinding(string path)
    {
        RejectDamaged(path);
        try
        {
            return (NativeLibrary.Load(path), false);
        }
        catch (DllNotFoundException failure) when (OperatingSystem.IsLinux() && failure.Message.Contains(MissingVersion, StringComparison.Ordinal))
        {
            return (OpenWithoutMissingVersion(path), true);
        }
        catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException)
        {
            throw new LibTorchException($"{path} cannot be loaded: {LastLine(failure.Message)}", failure);
        }
    }

    private static nint OpenWithoutMissingVersion(string path)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            return MarkWeak(bytes, MissingVersion)
                ? MemoryFile.Load(Path.GetFileName(path), bytes)
                : throw new LibTorchException($"{path} needs a libstdc++ with {MissingVersion}, which this system lacks");
        }
        catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException or IOException or UnauthorizedAccessException)
        {
            throw new LibTorchException(
                $"{path} needs a libstdc++ with {MissingVersion}, which this system lacks, and cannot be loaded without it: {LastLine(failure.Message)}", failure);
        }
    }

    /// <summary>Marks a file's requirement of a version as one that may stay unmet.</summary>
    /// <returns>False, and nothing changed, where the bytes are no ELF file or it has no such requirement.</returns>
    internal static bool MarkWeak(byte[] elf, string version)
    {
        const byte weak = 2; // VER_FLG_WEAK
        using var stream = new MemoryStream(elf, writable: false);
        if (ElfFile.TryRead(stream)?.FindVersionRequirement(version) is not { } flags)
            return false;
        elf[flags] |= weak;
        return true;
    }

    // .NET lists every place that it tried; the system's own words about the file come with the path before them.
    private static string LastLine(string message)
    {
        var lines = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return Array.Find(lines, line => line.StartsWith('/') && line.Contains(": ", StringComparison.Ordinal)) ?? (lines.Length == 0 ? message : lines[0]);
    }
}

/// <summary>The LibTorch that this process has loaded.</summary>
/// <param name="Library">Handle of <c>libtorch_cpu</c>.</param>
/// <param name="Binding">Handle of TorchSharp's own library.</param>
/// <param name="Exports">What LibTorch offers beyond TorchSharp.</param>
/// <param name="Path">The file of <c>libtorch_cpu</c>.</param>
/// <param name="BindingPath">The file of TorchSharp's own library.</param>
/// <param name="BindingFromMemory">Whether that was loaded from memory, with its need of a newer libstdc++ marked weak.</param>
/// <param name="Version">LibTorch's version.</param>
/// <param name="Safety">What was found and done about hidden caches.</param>
internal sealed record LoadedTorch(
    nint Library, nint Binding, LibTorchExports Exports, string Path, string BindingPath, bool BindingFromMemory, Version Version, CacheSafety Safety);
