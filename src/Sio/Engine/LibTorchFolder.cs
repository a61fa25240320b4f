using System.Runtime.InteropServices;
using TorchSharp;

namespace Sio.Engine;

/// <summary>
/// Finds LibTorch's files by their paths. Never by a bare name: that would take a LibTorch of another version that the system happens to
/// have, and crash.
/// </summary>
internal static class LibTorchFolder
{
    /// <summary>The environment variable that names the LibTorch of an installed PyTorch.</summary>
    internal const string Variable = "LIBTORCH";

    /// <summary>This system in NuGet's words, e.g. <c>linux-x64</c>.</summary>
    internal static string Platform =>
        (OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")
        + (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "-arm64" : "-x64");

    /// <summary>What a library's file is called on this system, e.g. <c>libtorch_cpu.so</c> for <c>torch_cpu</c>.</summary>
    internal static string FileName(string library) =>
        OperatingSystem.IsWindows() ? library + ".dll" : OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";

    /// <summary>The folder with LibTorch: the one that <c>LIBTORCH</c> names, else the one that came as a NuGet package.</summary>
    /// <exception cref="LibTorchException">There is none; the message says which package to add.</exception>
    internal static string Find()
    {
        var named = Environment.GetEnvironmentVariable(Variable);
        if (!string.IsNullOrEmpty(named))
            return FindNamed(named);
        return FindFile("torch_cpu") is { } file
            ? Path.GetDirectoryName(file)!
            : throw new LibTorchException(
                $"LibTorch is missing: add the package libtorch-cpu-{Platform} {LibTorchVersion.Package} (or TorchSharp-cpu) to the program's project, "
                + $"or set {Variable} to the torch folder of an installed PyTorch {LibTorchVersion.Needed}");
    }

    /// <summary>The path of TorchSharp's own native library.</summary>
    /// <exception cref="LibTorchException">It is missing.</exception>
    internal static string FindBinding() =>
        FindFile("LibTorchSharp")
        ?? throw new LibTorchException($"{FileName("LibTorchSharp")} is missing: the package TorchSharp has no native library for {Platform}, or the program was copied without it");

    /// <summary>The LibTorch in a folder that the user names: there, or in its <c>lib</c>.</summary>
    /// <exception cref="LibTorchException">There is none, or one of another minor version.</exception>
    internal static string FindNamed(string named)
    {
        var root = Path.GetFullPath(named);
        string[] places = [root, Path.Combine(root, "lib"), Path.Combine(root, "lib64"), Path.Combine(root, "lib", "x86_64-linux-gnu")];
        var folder = places.FirstOrDefault(place => File.Exists(Path.Combine(place, FileName("torch_cpu"))))
            ?? throw new LibTorchException($"{Variable} names {named}, where {FileName("torch_cpu")} is neither in that folder nor in its lib");
        LibTorchVersion.Check(LibTorchVersion.Read(folder), $"{Variable} names {named}");
        return folder;
    }

    private static string? FindFile(string library) =>
        Places().Select(folder => Path.Combine(folder, FileName(library))).FirstOrDefault(File.Exists);

    private static IEnumerable<string> Places()
    {
        // Where .NET's host looks for native libraries: the program's folder once published, NuGet's folders in development.
        var searched = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        foreach (var folder in searched)
            yield return folder;
        yield return AppContext.BaseDirectory;
        yield return Path.Combine(AppContext.BaseDirectory, "runtimes", Platform, "native");
        // A host that knows nothing of packages' native files (scripts, plug-ins): TorchSharp.dll lies in torchsharp/VERSION/lib/net8.0
        // of NuGet's folder, LibTorch's package beside it.
        var assembly = typeof(torch).Assembly.Location;
        if (assembly.Length == 0)
            yield break;
        var package = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(assembly)!, "..", ".."));
        yield return Path.Combine(package, "runtimes", Platform, "native");
        yield return Path.GetFullPath(Path.Combine(package, "..", "..", $"libtorch-cpu-{Platform}", LibTorchVersion.Package, "runtimes", Platform, "native"));
    }
}
