namespace Sio.Cli.Tests.Setup;

/// <summary>How .ci/run counts what <c>dotnet test</c> says.</summary>
public sealed class TotalTests : IDisposable
{
    private readonly FakeCheckout _checkout = new();

    public void Dispose() => _checkout.Dispose();

    [Theory]
    [InlineData("Passed!|  total: 6|  failed: 0|  succeeded: 6|  skipped: 0", 0, "6 passed, 0 failed", 0)]
    [InlineData("Passed!|  total: 6|  failed: 0|  succeeded: 4|  skipped: 2", 0, "4 passed, 0 failed, 2 skipped", 0)]
    [InlineData("Failed!|  total: 6|  failed: 3|  succeeded: 3|  skipped: 0", 2, "3 passed, 3 failed", 1)]
    // A test host died, and another one found no tests.
    [InlineData("Failed!|  error: 2||  total: 4|  failed: 1|  succeeded: 3|  skipped: 0", 1, "3 passed, 3 failed", 1)]
    // No test failed, and yet something went wrong.
    [InlineData("Passed!|  total: 6|  failed: 0|  succeeded: 6|  skipped: 0", 7, "6 passed, 1 failed", 1)]
    [InlineData("Zero tests ran|  total: 0|  failed: 0|  succeeded: 0|  skipped: 0", 0, "0 passed, 0 failed", 1)]
    [InlineData("Passed!|  total: 6|  failed: 0|  succeeded: 0|  skipped: 6", 0, "0 passed, 0 failed, 6 skipped", 1)]
    public void The_last_line_is_the_total(string summary, int code, string total, int exitCode) =>
        Check("  failed: 9 of what a test printed|Test run summary: " + summary + "|  duration: 2s 641ms", code, total, exitCode);

    // A test that runs dotnet test prints a summary too; the last one counts.
    [Fact]
    public void Only_the_last_summary_counts() =>
        Check("Test run summary: Failed!|  failed: 3|  succeeded: 5|x|Test run summary: Passed!|  succeeded: 1", 0, "1 passed, 0 failed", 0);

    [Fact]
    public void A_build_that_fails_fails() => Check("Program.cs(1,1): error CS1002: ; expected", 1, "0 passed, 1 failed", 1);

    [Fact]
    public void Options_reach_the_tests()
    {
        _checkout.Run(_checkout.In(".ci/run"), new() { ["FAKE_SUMMARY"] = "" }, "--filter-class", "Some Class");
        var call = Assert.Single(_checkout.TakeCalls());
        Assert.StartsWith("dotnet test -c Release ", call, StringComparison.Ordinal);
        Assert.EndsWith(" --filter-class Some Class", call, StringComparison.Ordinal);
    }

    private void Check(string output, int code, string total, int exitCode)
    {
        var environment = new Dictionary<string, string> { ["FAKE_SUMMARY"] = output.Replace('|', '\n'), ["FAKE_EXIT"] = $"{code}" };
        var result = _checkout.Run(_checkout.In(".ci/run"), environment);

        Assert.Equal(total, result.Output.TrimEnd('\n').Split('\n')[^1]);
        Assert.Equal(exitCode, result.ExitCode);
    }
}
