using System.Diagnostics;

namespace Sio.Cli.Tests.Setup;

/// <summary>What one call of a script came to.</summary>
internal sealed record ScriptResult(int ExitCode, string Output, string Errors);

/// <summary>
/// A checkout with the real scripts and next to nothing else, in a folder with a space in its name, where <c>dotnet</c> is a fake that
/// writes down how it was called.
/// </summary>
internal sealed class FakeCheckout : IDisposable
{
    private static readonly string[] s_realTools = ["awk", "bash", "cat", "dirname", "find", "head", "kill", "mkdir", "mktemp", "mv", "readlink", "rm", "sh", "tee", "touch"];

    private readonly string _folder = Directory.CreateTempSubdirectory("sio setup ").FullName;

    public FakeCheckout()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "shell scripts");
        foreach (var source in (string[])["src/Sio.Cli/Program.cs", "src/Sio.Cli/Other.cs", "src/Sio/Deep/One.cs", "recipes/one.yml", "data/one.npz", "Directory.Build.props", "global.json"])
            Write(source, "");
        foreach (var script in (string[])["sio", ".ci/run"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(In(script))!);
            File.Copy(Path.Combine(RealRoot(), script), In(script));
        }

        Directory.CreateDirectory(Tools);
        foreach (var tool in s_realTools)
            File.CreateSymbolicLink(Path.Combine(Tools, tool), RealTool(tool));
        WriteFile(DotNet, $$"""
            #!/usr/bin/env bash
            printf '%s\n' "dotnet $*" >>"{{CallLog}}"
            case $1 in
                msbuild)
                    [[ ${FAKE_BUILD:-} != fails ]] || { echo 'Program.cs(1,1): error CS1002: ; expected'; exit 1; }
                    mkdir -p "{{In("src/Sio.Cli/bin/Release/net10.0")}}" "{{In("src/Sio.Cli/obj")}}"
                    touch "{{In("src/Sio.Cli/bin/Release/net10.0/Sio.Cli.dll")}}" "{{In("src/Sio.Cli/obj/project.assets.json")}}"
                    ;;
                test)
                    printf '%s\n' "$FAKE_SUMMARY"
                    exit "${FAKE_EXIT:-0}"
                    ;;
                *)
                    shift
                    printf '<%s>\n' "$@"
                    [[ ${FAKE_SIGNAL:-} ]] && kill "-$FAKE_SIGNAL" $$
                    exit "${FAKE_EXIT:-0}"
                    ;;
            esac
            """);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(DotNet, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>The folder that the checkout and the tools are in.</summary>
    public string Folder => _folder;

    private string Tools => Path.Combine(_folder, "tools");

    private string DotNet => Path.Combine(Tools, "dotnet");

    private string CallLog => Path.Combine(_folder, "calls");

    /// <summary>The calls of <c>dotnet</c> since the last time that this was asked, without the folder's name.</summary>
    public string[] TakeCalls()
    {
        var calls = File.Exists(CallLog) ? File.ReadAllLines(CallLog) : [];
        File.Delete(CallLog);
        return [.. calls.Select(call => call.Replace(_folder + "/", "", StringComparison.Ordinal))];
    }

    public string In(string path) => Path.Combine(_folder, "check out", path);

    public void Write(string path, string text) => WriteFile(In(path), text);

    public void RemoveDotNet() => File.Delete(DotNet);

    public ScriptResult Sio(params string[] arguments) => Run(In("sio"), [], arguments);

    public ScriptResult Run(string script, Dictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(script, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        start.Environment.Clear();
        start.Environment["PATH"] = Tools;
        start.Environment["HOME"] = _folder;
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(60)), "the script hangs");
        return new ScriptResult(process.ExitCode, output.Result, errors.Result);
    }

    public void Dispose() => Directory.Delete(_folder, true);

    private static void WriteFile(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static string RealRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Sio.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests do not run in a checkout");
        return folder;
    }

    private static string RealTool(string name) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, name)).First(File.Exists);
}
