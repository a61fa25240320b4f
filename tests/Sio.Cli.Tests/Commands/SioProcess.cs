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
        var start = new ProcessStartInfo("env") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? string.Empty };
        start.ArgumentList.Add("--default-signal=INT");
        if (variable is { } given)
            start.Environment[given.Name] = given.Value;
        start.ArgumentList.Add("dotnet");
        start.ArgumentList.Add(s_program);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    internal static Outcome Finish(Process process)
    {
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Outcome(process.ExitCode, output, errors.GetAwaiter().GetResult());
    }

    internal static void Signal(Process process, string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
