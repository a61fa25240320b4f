using System.Diagnostics;
using System.Globalization;
using System.Xml.Linq;
using Sio.Cli.Tests.Commands;

namespace Sio.Cli.Tests.Packaging;

/// <summary>
/// The packages, made anew of the checkout's sources under a version that no other run has, in an empty folder. NuGet's folder of this machine
/// serves as a cache for what others made (LibTorch is half a gigabyte), and our packages are never put into it.
/// </summary>
public sealed class PackedProduct : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sio-packages-").FullName;

    public PackedProduct()
    {
        // Built aside: the checkout's own output is what other tests run meanwhile.
        foreach (var project in (string[])["Sio.Cli", "Sio"])
        {
            Dotnet(Checkout, "pack", Path.Combine(Checkout, "src", project), "-c", "Release", "--output", Feed, "--artifacts-path", At("build"),
                $"-p:Version={Version}", "-p:RunAnalyzers=false", "-p:UseSharedCompilation=false", "-nodeReuse:false").Succeeded();
        }
    }

    /// <summary>The folder with our packages.</summary>
    internal string Feed => At("feed");

    /// <summary>The version of our packages.</summary>
    internal string Version { get; } = string.Create(CultureInfo.InvariantCulture, $"0.0.0-test.{DateTime.UtcNow:yyyyMMddHHmmss}.{Environment.ProcessId}");

    /// <summary>The checkout that the tests run in.</summary>
    internal static string Checkout { get; } = FindCheckout();

    /// <summary>This machine's LibTorch package, as a project names it.</summary>
    internal static string LibTorch { get; } = OperatingSystem.IsWindows() ? "libtorch-cpu-win-x64" : OperatingSystem.IsMacOS() ? "libtorch-cpu-osx-arm64" : "libtorch-cpu-linux-x64";

    internal string At(string path) => Path.Combine(_root, path);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>Runs the SDK with an empty package folder of its own, as on a machine that never saw these packages.</summary>
    internal Outcome Dotnet(string folder, params string[] arguments)
    {
        // The folder that restoring this checkout filled: what is there need not be downloaded again, nor copied.
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } own
            ? own
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        return Run("dotnet", folder, arguments, ("NUGET_PACKAGES", At("packages")), ("NUGET_FALLBACK_PACKAGES", cache), ("MSBUILDDISABLENODEREUSE", "1"));
    }

    /// <summary>Runs a program to its end.</summary>
    internal static Outcome Run(string program, string folder, string[] arguments, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        return SioProcess.Finish(process);
    }

    /// <summary>The version of a package that this checkout uses.</summary>
    internal static string VersionOf(string package) =>
        XDocument.Load(Path.Combine(Checkout, "Directory.Packages.props")).Descendants("PackageVersion")
            .Single(version => version.Attribute("Include")!.Value == package).Attribute("Version")!.Value;

    private static string FindCheckout()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Sio.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("no checkout above the tests");
        return folder;
    }
}
