namespace Sio.Cli.Tests.Commands;

/// <summary><c>sio doctor</c>, <c>sio setup</c>, help and version.</summary>
public sealed class DoctorTests
{
    [Fact]
    public void Doctor_tells_what_there_is()
    {
        var outcome = SioProcess.Run("doctor");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        foreach (var part in new[] { "LibTorch:", "libtorch", "BLAS:", "SkiaSharp:", "CPU features:", "Threads:", "GPUs:", "Missing:" })
            Assert.Contains(part, outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Setup_computes_something_to_see_that_it_works() =>
        Assert.Contains("Ready: sio quickstart", SioProcess.Run("setup").Output, StringComparison.Ordinal);

    [Fact]
    public void Without_the_native_library_doctor_says_so_and_metrics_still_works()
    {
        var outcome = SioProcess.RunWith("SIO_NATIVE", "/nowhere/libsio_torch.so", "doctor");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("SIO_NATIVE names /nowhere/libsio_torch.so, which does not exist", outcome.Output, StringComparison.Ordinal);
        Assert.Equal(1, SioProcess.RunWith("SIO_NATIVE", "/nowhere/libsio_torch.so", "setup").ExitCode);
    }

    [Theory]
    [InlineData("quickstart")]
    [InlineData("train")]
    [InlineData("evaluate")]
    [InlineData("detectors")]
    [InlineData("extract")]
    [InlineData("score")]
    [InlineData("metrics")]
    [InlineData("generate")]
    [InlineData("doctor")]
    [InlineData("setup")]
    public void Every_command_has_help_with_an_example(string command)
    {
        var outcome = SioProcess.Run(command, "--help");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        Assert.Contains($"sio {command}", outcome.Output[outcome.Output.IndexOf("Example", StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.Contains(command, SioProcess.Run("--help").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_version_is_told() => Assert.Matches(@"^\d+\.\d+\.\d+", SioProcess.Run("--version").Output);
}
