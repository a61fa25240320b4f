using System.Diagnostics;

namespace Sio.Cli.Tests.Commands;

/// <summary>What a finished <c>sio</c> process left.</summary>
internal sealed record Outcome(int ExitCode, string Output, string Errors)
{
    /// <summary>The one line that a failure prints.</summary>
    internal string ErrorLine => Assert.Single(Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Fails, with what the process said, unless it ended well.</summary>
    internal void Succeeded() => Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Errors}\n{Output}");
}

/// <summary>Runs the program as a user does: as a process of its own.</summary>
internal static class SioProcess
{
    private static readonly string s_program = Path.Combine(AppContext.BaseDirectory, "Sio.Cli.dll");

    internal static Outcome Run(params string[] arguments) => RunIn(null, arguments);

    internal static Outcome RunIn(string? folder, params string[] arguments)
    {
        using var process = Start(folder, arguments);
        return Finish(process);
    }

    /// <summary>Runs it with one environment variable of its own: other tests run meanwhile, and share the one of this process.</summary>
    internal static Outcome RunWith(string variable, string value, params string[] arguments)
    {
        using var process = Start(null, (variable, value), arguments);
        return Finish(process);
    }

    internal static Process Start(string? folder, params string[] arguments) => Start(folder, null, arguments);

    private static Process Start(string? folder, (string Name, string Value)? variable, string[] arguments)
    {
        // A shell that starts the tests in the background ignores Ctrl-C, and hands that on: here it shall mean what it means to a user.
        string[] command = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", "dotnet"] : ["dotnet"];
        var start = new ProcessStartInfo(command[0], [.. command[1..], s_program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? string.Empty,
        };
        if (variable is { } given)
            start.Environment[given.Name] = given.Value;
        return Process.Start(start)!;
    }

    internal static Outcome Finish(Process process)
    {
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        // The tests look at the lines, however this system ends them.
        return new Outcome(process.ExitCode, Lines(output), Lines(errors.GetAwaiter().GetResult()));

        static string Lines(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal);
    }

    /// <summary>Sends a signal; where the system has none, the test is skipped.</summary>
    internal static void Signal(Process process, string signal)
    {
        if (OperatingSystem.IsWindows())
        {
            process.Kill(entireProcessTree: true);
            Assert.Skip("signals");
        }

        using var kill = Process.Start("kill", ["-" + signal, process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
