namespace Sio.Cli.Tests.Setup;

/// <summary>What ./sio does before the program starts: when it builds, and when it does nothing.</summary>
public sealed class LauncherTests : IDisposable
{
    private const string Build = "dotnet msbuild check out/src/Sio.Cli -restore -p:Configuration=Release";
    private const string Run = "dotnet check out/src/Sio.Cli/bin/Release/net10.0/Sio.Cli.dll";
    private readonly FakeCheckout _checkout = new();

    public void Dispose() => _checkout.Dispose();

    [Fact]
    public void First_call_builds_and_runs_the_program_with_its_arguments_unchanged()
    {
        var result = _checkout.Sio("train", "a b", "", "*", "--set=x='y'");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("<train>\n<a b>\n<>\n<*>\n<--set=x='y'>\n", result.Output);
        var calls = _checkout.TakeCalls();
        Assert.Equal(2, calls.Length);
        Assert.StartsWith(Build, calls[0], StringComparison.Ordinal);
        Assert.StartsWith(Run + " train", calls[1], StringComparison.Ordinal);
    }

    [Fact]
    public void With_nothing_changed_it_builds_nothing_and_says_nothing()
    {
        _checkout.Sio("--help");
        _checkout.TakeCalls();

        var result = _checkout.Sio("--help");

        Assert.Equal([Run + " --help"], _checkout.TakeCalls());
        Assert.Equal("", result.Errors);
    }

    [Fact]
    public void It_runs_through_a_link_from_another_folder()
    {
        _checkout.Sio();
        _checkout.TakeCalls();
        var link = Path.Combine(_checkout.Folder, "a link");
        File.CreateSymbolicLink(link, _checkout.In("sio"));

        Assert.Equal(0, _checkout.Run(link, []).ExitCode);
        Assert.Single(_checkout.TakeCalls());
    }

    [Theory]
    [InlineData("FAKE_EXIT", "3", 3)]
    [InlineData("FAKE_SIGNAL", "TERM", 143)]
    public void The_exit_code_is_the_programs(string variable, string value, int expected) =>
        Assert.Equal(expected, _checkout.Run(_checkout.In("sio"), new() { [variable] = value }).ExitCode);

    [Theory]
    [InlineData("edited", "src/Sio.Cli/Other.cs")]
    [InlineData("edited", "src/Sio/Deep/One.cs")]
    [InlineData("edited", "recipes/one.yml")]
    [InlineData("edited", "data/one.npz")]
    [InlineData("edited", "Directory.Build.props")]
    [InlineData("edited", "global.json")]
    [InlineData("new", "src/Sio/Deep/Deeper/Two.cs")]
    [InlineData("new", "LibTorch.props")]
    [InlineData("deleted", "src/Sio.Cli/Other.cs")]
    [InlineData("moved", "src/Sio/Deep/One.cs")]
    public void A_changed_source_is_built(string change, string source)
    {
        _checkout.Sio();
        _checkout.TakeCalls();
        switch (change)
        {
            case "deleted":
                File.Delete(_checkout.In(source));
                break;
            case "moved":
                File.Move(_checkout.In(source), _checkout.In(source + ".old"));
                break;
            default:
                _checkout.Write(source, "// more");
                break;
        }

        _checkout.Sio();

        Assert.StartsWith(Build, _checkout.TakeCalls()[0], StringComparison.Ordinal);
        _checkout.Sio();
        Assert.Single(_checkout.TakeCalls());
    }

    [Fact]
    public void What_builds_leave_in_bin_and_obj_is_no_source()
    {
        _checkout.Sio();
        _checkout.TakeCalls();
        _checkout.Write("src/Sio.Cli/obj/project.assets.json", "");
        _checkout.Write("src/Sio.Cli/bin/Debug/x.dll", "");
        _checkout.Sio();

        Assert.Single(_checkout.TakeCalls());
    }

    [Fact]
    public void A_failed_build_says_why_and_is_tried_again()
    {
        var result = _checkout.Run(_checkout.In("sio"), new() { ["FAKE_BUILD"] = "fails" });

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains("error CS1002", result.Errors, StringComparison.Ordinal);
        _checkout.TakeCalls();
        Assert.Equal(0, _checkout.Sio().ExitCode);
        Assert.Equal(2, _checkout.TakeCalls().Length);
    }

    [Fact]
    public void A_failed_build_after_a_good_one_does_not_pass_for_it()
    {
        _checkout.Sio();
        _checkout.Write("src/Sio.Cli/Other.cs", "// wrong");
        for (var call = 0; call < 2; call++)
            Assert.Equal(1, _checkout.Run(_checkout.In("sio"), new() { ["FAKE_BUILD"] = "fails" }).ExitCode);
        Assert.Equal(0, _checkout.Sio().ExitCode);
    }

    [Fact]
    public void Without_dotnet_it_says_what_is_needed()
    {
        _checkout.RemoveDotNet();
        var result = _checkout.Sio("--help");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains(".NET 10 SDK", Assert.Single(result.Errors.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }
}
