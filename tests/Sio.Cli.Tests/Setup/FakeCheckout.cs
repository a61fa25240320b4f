using System.Diagnostics;

namespace Sio.Cli.Tests.Setup;

/// <summary>What one call of a script came to.</summary>
internal sealed record ScriptResult(int ExitCode, string Output, string Errors);

/// <summary>
/// A checkout with the real scripts and next to nothing else, in a folder with a space in its name, on a system where
/// every tool that builds or installs is a fake that writes down how it was called.
/// </summary>
internal sealed class FakeCheckout : IDisposable
{
    private const string Library = "usr/lib/x86_64-linux-gnu/libtorch_cpu.so";
    private const string Data = "usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz";

    private static readonly string[] s_realTools =
        ["awk", "bash", "cat", "comm", "env", "find", "flock", "grep", "head", "kill", "ln", "mkdir", "mv", "nproc", "readlink", "rm", "sed",
         "sha1sum", "sleep", "sort", "tail", "touch"];

    private readonly string _folder = Directory.CreateTempSubdirectory("sio setup ").FullName;

    public FakeCheckout()
    {
        Write("native/CMakeLists.txt", "");
        Write("native/src/one.cpp", "");
        Write("src/Sio.Cli/Program.cs", "");
        Write("src/Sio.Cli/Other.cs", "");
        Write("Directory.Build.props", "");
        Write("tests/A.Tests/A.Tests.csproj", "");
        Write("tests/B.Tests/B.Tests.csproj", "");
        foreach (var script in (string[])["sio", "test", "scripts/setup.sh"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(In(script))!);
            File.Copy(Path.Combine(RealRoot(), script), In(script));
        }
        Directory.CreateDirectory(Tools);
        foreach (var tool in s_realTools)
            File.CreateSymbolicLink(Path.Combine(Tools, tool), RealTool(tool));

        AddTool("g++", "");
        AddTool("ninja", "");
        AddTool("id", "echo 0");
        AddTool("cmake", """
            case $1 in
                -S)
                    mkdir -p "$4"
                    echo "CMAKE_HOME_DIRECTORY:INTERNAL=$2" >"$4/CMakeCache.txt"
                    ;;
                --build)
                    sleep "${FAKE_SECONDS:-0}"
                    [[ ${FAKE_CMAKE:-} != dies ]] || kill -9 $PPID
                    [[ ${FAKE_CMAKE:-} != fails ]] || { echo 'one.cpp:1: error: no such thing'; exit 2; }
                    touch "$2/libsio_torch.so"
                    ;;
            esac
            """);
        AddTool("dotnet", """
            case $1 in
                --list-sdks)
                    echo "${FAKE_SDK:-10.0.401} [/usr/share/dotnet/sdk]"
                    ;;
                build)
                    [[ ${FAKE_DOTNET:-} != fails ]] || { echo 'Program.cs(1,1): error CS1002: ; expected'; exit 1; }
                    mkdir -p "${0%/tools/*}/check out/src/Sio.Cli/bin/Release/net10.0"
                    touch "${0%/tools/*}/check out/src/Sio.Cli/bin/Release/net10.0/Sio.Cli.dll"
                    ;;
                exec) # a test project
                    report=${*: -1}
                    name=${report##*/}
                    fake=FAKE_${name%%.*}
                    [[ ${!fake:-} != crash ]] || exit 134
                    printf '<assemblies><assembly name="x" %s><collection failed="9" passed="9" /></assembly></assemblies>' \
                        "${!fake:-passed=\"0\" failed=\"0\" errors=\"0\" skipped=\"0\"}" >"$report"
                    [[ ! ${!fake:-} =~ failed=\"[1-9] ]]
                    ;;
                *)
                    shift
                    printf 'SIO_NATIVE=%s\n' "$SIO_NATIVE"
                    printf '<%s>\n' "$@"
                    [[ ${FAKE_SIGNAL:-} ]] && kill "-$FAKE_SIGNAL" $$
                    exit "${FAKE_EXIT:-0}"
                    ;;
            esac
            """);

        WriteSystem(Library, "");
        WriteSystem("usr/include/ATen/ATen.h", "");
        WriteSystem("usr/include/gloo/config.h", "");
        WriteSystem(Data, "");
        WriteSystem("var/lib/apt/lists/debian_Packages", "");
        WriteSystem("usr/lib/x86_64-linux-gnu/libpng16.so.16", "");
        WriteSystem("usr/lib/x86_64-linux-gnu/libturbojpeg.so.0", "");
        WriteSystem("openblas/libblas.so.3", "");
        File.CreateSymbolicLink(InSystem("usr/lib/x86_64-linux-gnu/libblas.so.3"), InSystem("openblas/libblas.so.3"));
    }

    /// <summary>The folder that the checkout and the system are in.</summary>
    public string Folder => _folder;

    private string Tools => Path.Combine(_folder, "tools");

    private string CallLog => Path.Combine(_folder, "calls");

    /// <summary>The calls of fake tools since the last time that this was asked, without the folder's name.</summary>
    public string[] TakeCalls()
    {
        var calls = File.Exists(CallLog) ? File.ReadAllLines(CallLog) : [];
        File.Delete(CallLog);
        return [.. calls.Where(call => call is not "id -u").Select(call => call.Replace(_folder + "/", "", StringComparison.Ordinal))];
    }

    public string In(string path) => Path.Combine(_folder, "check out", path);

    public string InSystem(string path) => Path.Combine(_folder, "system", path);

    public void Write(string path, string text) => WriteFile(In(path), text);

    public void WriteSystem(string path, string text) => WriteFile(InSystem(path), text);

    /// <summary>Takes LibTorch away, as on a fresh machine.</summary>
    public void RemoveLibTorch()
    {
        File.Delete(InSystem(Library));
        Directory.Delete(InSystem("usr/include/ATen"), true);
    }

    public void RemoveData() => File.Delete(InSystem(Data));

    public void RemovePng() => File.Delete(InSystem("usr/lib/x86_64-linux-gnu/libpng16.so.16"));

    public void RemoveJpeg() => File.Delete(InSystem("usr/lib/x86_64-linux-gnu/libturbojpeg.so.0"));

    public void RemoveTool(string name) => File.Delete(Path.Combine(Tools, name));

    /// <summary>Puts a fake on PATH; it writes its call down before it does what <paramref name="body"/> says.</summary>
    public void AddTool(string name, string body)
    {
        var path = Path.Combine(Tools, name);
        WriteFile(path, $"""
            #!/usr/bin/env bash
            printf '%s\n' "{name} $*" >>"{CallLog}"
            {body}
            """);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>An apt-get that installs by making the files that the scripts look for.</summary>
    public void AddWorkingApt() => AddTool("apt-get", $"""
        [[ " $* " != *' libtorch-dev '* ]] || mkdir -p "{InSystem("usr/include/ATen")}" && touch "{InSystem(Library)}"
        [[ " $* " != *' dataset-fashion-mnist '* ]] || touch "{InSystem(Data)}"
        """);

    public ScriptResult Sio(params string[] arguments) => Run(In("sio"), [], arguments);

    public ScriptResult Run(string script, Dictionary<string, string> environment, params string[] arguments)
    {
        using var process = Start(script, environment, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(60)), "the script hangs");
        return new ScriptResult(process.ExitCode, output.Result, errors.Result);
    }

    public Process Start(string script, Dictionary<string, string> environment, params string[] arguments)
    {
        // A shell that starts the tests in the background ignores Ctrl-C, and hands that on: here it shall mean what it means to a user.
        var start = new ProcessStartInfo("/usr/bin/env", ["--default-signal=INT", script, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        start.Environment["PATH"] = Tools;
        start.Environment["HOME"] = _folder;
        start.Environment["SIO_SYSTEM_ROOT"] = Path.Combine(_folder, "system");
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
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
