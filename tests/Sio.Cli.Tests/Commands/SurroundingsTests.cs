using System.Diagnostics;

namespace Sio.Cli.Tests.Commands;

/// <summary>What a shell can do to a program: few open files, outputs that are closed or full, a terminal that knows no escape codes.</summary>
public sealed class SurroundingsTests
{
    [Theory]
    [InlineData("ulimit -n 64; {0} detectors", 1, "error: this process may open 64 files, and needs 192: raise the limit ('ulimit -n 192')")]
    [InlineData("{0} detectors > /dev/full", 1, "error: standard output cannot be written: No space left on device")]
    [InlineData("{0} detectors >&-", 1, "error: standard output is closed: nothing can be printed")]
    [InlineData("{0} detectors > /dev/full 2>&-", 1, "")]
    [InlineData("{0} detectors | head -1 > /dev/null", 0, "")]
    [InlineData("ulimit -n 192; {0} detectors > /dev/null", 0, "")]
    public void Each_is_one_line_at_most(string line, int code, string expected)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "a shell's and Linux's own devices");
        var program = $"dotnet {Path.Combine(AppContext.BaseDirectory, "Sio.Cli.dll")}";
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", string.Format(System.Globalization.CultureInfo.InvariantCulture, line, program)]) { RedirectStandardError = true })!;
        var errors = shell.StandardError.ReadToEnd();
        shell.WaitForExit();
        Assert.Equal((code, expected), (shell.ExitCode, errors.Trim()));
    }
}
