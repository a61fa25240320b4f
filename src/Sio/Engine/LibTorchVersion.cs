using System.Text.RegularExpressions;

namespace Sio.Engine;

/// <summary>Which LibTorch this program needs, and which one lies in a folder, found out without running any of its code.</summary>
internal static partial class LibTorchVersion
{
    /// <summary>The version that TorchSharp's binding was built for. A binary interface holds within one minor version only.</summary>
    internal static Version Needed { get; } = new(2, 10);

    /// <summary>Version of the NuGet packages with that LibTorch.</summary>
    internal const string Package = "2.10.0";

    /// <summary>The version of the LibTorch in a folder.</summary>
    /// <returns>Null where nothing in or near the folder tells it.</returns>
    internal static Version? Read(string folder)
    {
        // PyTorch's wheel has version.py beside lib, the unpacked archive of LibTorch build-version, both and Debian the header.
        var parent = Path.GetDirectoryName(folder) ?? folder;
        var above = Path.GetDirectoryName(parent) ?? parent;
        const string header = "include/torch/csrc/api/include/torch/version.h";
        return FromText(Path.Combine(parent, "version.py"), Assignment())
            ?? FromText(Path.Combine(parent, "build-version"), Bare())
            ?? FromHeader(Path.Combine(parent, "include", "torch", "headeronly", "version.h"))
            ?? FromHeader(Path.Combine(parent, header))
            ?? FromFileName(Path.Combine(folder, LibTorchFolder.FileName("torch_cpu")))
            ?? FromHeader(Path.Combine(above, header));
    }

    /// <summary>Rejects a LibTorch of another minor version.</summary>
    /// <param name="found">Its version; null, which passes, where it is not known yet: the loaded library is asked again.</param>
    /// <param name="origin">How the message begins: where it was found.</param>
    /// <exception cref="LibTorchException">It is of another minor version.</exception>
    internal static void Check(Version? found, string origin)
    {
        if (found is not null && (found.Major != Needed.Major || found.Minor != Needed.Minor))
            throw new LibTorchException($"{origin}: that is LibTorch {found}, this program needs {Needed}");
    }

    private static Version? FromText(string path, Regex pattern)
    {
        if (!File.Exists(path))
            return null;
        var match = pattern.Match(File.ReadAllText(path));
        return match.Success && Version.TryParse(match.Groups[1].Value, out var version) ? version : null;
    }

    private static Version? FromHeader(string path)
    {
        if (!File.Exists(path))
            return null;
        var numbers = Define().Matches(File.ReadAllText(path)).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        return numbers.TryGetValue("MAJOR", out var major) && numbers.TryGetValue("MINOR", out var minor)
            && Version.TryParse($"{major}.{minor}.{numbers.GetValueOrDefault("PATCH", "0")}", out var version)
                ? version
                : null;
    }

    // Distributions keep the version in the name of the file that the plain name links to.
    private static Version? FromFileName(string path)
    {
        if (!File.Exists(path))
            return null;
        var target = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.Name ?? Path.GetFileName(path);
        var match = Suffix().Match(target);
        return match.Success && Version.TryParse(match.Groups[1].Value, out var version) ? version : null;
    }

    [GeneratedRegex(@"__version__\s*=\s*['""](\d+\.\d+(?:\.\d+)?)")]
    private static partial Regex Assignment();

    [GeneratedRegex(@"^\s*(\d+\.\d+(?:\.\d+)?)")]
    private static partial Regex Bare();

    [GeneratedRegex(@"#define\s+TORCH_VERSION_(MAJOR|MINOR|PATCH)\s+(\d+)")]
    private static partial Regex Define();

    [GeneratedRegex(@"\.so\.(\d+\.\d+(?:\.\d+)?)")]
    private static partial Regex Suffix();
}
