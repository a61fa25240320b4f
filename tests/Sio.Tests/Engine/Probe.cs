using System.Diagnostics;

namespace Sio.Tests.Engine;

/// <summary>Runs <c>tests/Sio.EngineProbe</c>: what can be done once per process only, or may end it.</summary>
internal static class Probe
{
    /// <summary>The folder that it was built into, in this checkout and configuration.</summary>
    internal static string Folder { get; } = FindFolder();

    internal static ProbeOutcome Run(params string[] arguments) => RunWith([], arguments);

    internal static ProbeOutcome RunWith((string Name, string Value)[] variables, params string[] arguments) =>
        RunIn(Folder, variables, arguments);

    /// <summary>Runs the copy of it in another folder.</summary>
    internal static ProbeOutcome RunIn(string folder, (string Name, string Value)[] variables, params string[] arguments)
    {
        using var process = Start(folder, variables, arguments);
        return Finish(process);
    }

    internal static Process Start(string folder, (string Name, string Value)[] variables, params string[] arguments)
    {
        var start = new ProcessStartInfo(DotNet()) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("LIBTORCH");
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        foreach (var argument in (string[])["exec", Path.Combine(folder, "Sio.EngineProbe.dll"), .. arguments])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    internal static ProbeOutcome Finish(Process process)
    {
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(5)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"the process hangs; it said {output.GetAwaiter().GetResult()}");
        }

        return new ProbeOutcome(process.ExitCode, output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult());
    }

    // The host that runs these tests, wherever it is installed.
    private static string DotNet() => Path.GetFullPath(Path.Combine(
        Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    private static string FindFolder()
    {
        var here = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var root = here;
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Sio.slnx")))
            root = root.Parent;
        Assert.True(root is not null, $"{here} is in no checkout");
        return Path.Combine(root.FullName, "tests", "Sio.EngineProbe", "bin", here.Parent!.Name, here.Name);
    }
}

/// <summary>What the process left.</summary>
internal sealed record ProbeOutcome(int Code, string Output, string Errors)
{
    /// <summary>The lines that it printed.</summary>
    internal string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The rest of the line that begins with a word.</summary>
    internal string this[string word] => Assert.Single(Lines, line => line.StartsWith(word + " ", StringComparison.Ordinal))[(word.Length + 1)..];

    /// <summary>The one line of a failure.</summary>
    internal string ErrorLine => Assert.Single(Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    /// <summary>Fails, with what the process said last, unless it ended well and silently.</summary>
    internal ProbeOutcome Succeeded()
    {
        Assert.True(Code == 0, $"exit code {Code} (128 and more: ended by a signal)\n{Errors}\n{string.Join('\n', Lines.TakeLast(10))}");
        Assert.Equal("", Errors);
        return this;
    }
}
