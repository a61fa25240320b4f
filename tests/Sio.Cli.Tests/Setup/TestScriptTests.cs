namespace Sio.Cli.Tests.Setup;

/// <summary>How ./test counts.</summary>
public sealed class TestScriptTests : IDisposable
{
    private const string Good = "passed=\"3\" failed=\"0\" errors=\"0\" skipped=\"0\"";
    private readonly FakeCheckout _checkout = new();

    public void Dispose() => _checkout.Dispose();

    [Theory]
    [InlineData(Good, Good, "6 passed, 0 failed", 0)]
    [InlineData(Good, "passed=\"1\" failed=\"0\" errors=\"0\" skipped=\"2\"", "4 passed, 0 failed, 2 skipped", 0)]
    [InlineData(Good, "passed=\"1\" failed=\"2\" errors=\"1\" skipped=\"0\"", "4 passed, 3 failed", 1)]
    [InlineData(Good, "crash", "3 passed, 1 failed", 1)]
    [InlineData("", "", "0 passed, 0 failed", 1)]
    public void The_last_line_is_the_total(string a, string b, string total, int exitCode)
    {
        var result = Test(a, b);

        Assert.Equal(total, result.Output.TrimEnd('\n').Split('\n')[^1]);
        Assert.Equal(exitCode, result.ExitCode);
    }

    [Fact]
    public void A_project_and_options_can_be_given()
    {
        var result = Test(Good, Good, "B.T", "-class", "Some Class");

        Assert.EndsWith("\n3 passed, 0 failed\n", result.Output, StringComparison.Ordinal);
        var run = Assert.Single(_checkout.TakeCalls(), call => call.StartsWith("dotnet exec", StringComparison.Ordinal));
        Assert.Contains("B.Tests.dll", run, StringComparison.Ordinal);
        Assert.Contains("-class Some Class -xml", run, StringComparison.Ordinal);
    }

    [Fact]
    public void A_project_that_is_not_there_fails() => Assert.Equal(1, Test(Good, Good, "Nope").ExitCode);

    [Fact]
    public void It_builds_the_solution_and_sio_then_builds_nothing()
    {
        Test(Good, Good);
        Assert.Contains(_checkout.TakeCalls(), call => call.StartsWith("dotnet build check out/Sio.slnx", StringComparison.Ordinal));
        _checkout.Sio();
        Assert.Single(_checkout.TakeCalls());
    }

    [Fact]
    public void A_changed_test_is_built_for_test_and_not_for_sio()
    {
        Test(Good, Good);
        _checkout.Write("tests/A.Tests/New.cs", "");
        _checkout.TakeCalls();
        _checkout.Sio();
        Assert.Single(_checkout.TakeCalls());
        Test(Good, Good);
        Assert.Contains(_checkout.TakeCalls(), call => call.StartsWith("dotnet build", StringComparison.Ordinal));
    }

    private ScriptResult Test(string a, string b, params string[] arguments) =>
        _checkout.Run(_checkout.In("test"), new() { ["FAKE_A"] = a, ["FAKE_B"] = b }, arguments);
}
