namespace Sio.Cli.Tests.Commands;

/// <summary><c>sio doctor</c>, help and version.</summary>
public sealed class DoctorTests
{
    [Fact]
    public void Doctor_tells_what_there_is()
    {
        var outcome = SioProcess.Run("doctor");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        foreach (var part in new[] { "LibTorch:", "libtorch", "TorchSharp:", "BLAS:", "CPU caches:", "SkiaSharp:", "CPU features:", "Threads:", "GPUs:", "Missing:" })
            Assert.Contains(part, outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Doctor_compares_convolutions_with_float64()
    {
        var outcome = SioProcess.Run("doctor", "--check");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        Assert.Matches(@"Convolutions:\s+\d+ convolutions with both gradients: right;", outcome.Output);
    }

    [Fact]
    public void Without_LibTorch_doctor_says_so()
    {
        var outcome = SioProcess.RunWith("LIBTORCH", "/nowhere", "doctor");
        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Errors));
        Assert.Contains("LIBTORCH names /nowhere, where", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_LibTorch_of_another_minor_version_is_rejected_with_both_versions()
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(folder.At("lib"));
        File.WriteAllText(folder.At("version.py"), "__version__ = '2.9.1+cpu'\n");
        foreach (var name in new[] { "libtorch_cpu.so", "libtorch_cpu.dylib", "torch_cpu.dll" })
            File.WriteAllText(folder.At(Path.Combine("lib", name)), "");
        var outcome = SioProcess.RunWith("LIBTORCH", folder.Root, "doctor");
        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Errors));
        Assert.Contains("that is LibTorch 2.9.1, this program needs 2.10", outcome.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("detectors")]
    [InlineData("objectives")]
    [InlineData("objectives", "--markdown")]
    [InlineData("data", "list")]
    [InlineData("data", "benchmarks")]
    [InlineData("reproduce", "fashion_mnist_6", "--dry-run")]
    public void Commands_without_tensors_do_not_look_for_LibTorch(params string[] command) =>
        SioProcess.RunWith("LIBTORCH", "/nowhere", command).Succeeded();

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
