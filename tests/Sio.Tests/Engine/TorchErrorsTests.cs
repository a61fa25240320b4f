using System.Runtime.InteropServices;
using Sio.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Engine;

public sealed class TorchErrorsTests
{
    [Fact]
    public void An_error_of_LibTorch_loses_its_stack_trace_and_its_line_breaks()
    {
        using var scope = NewDisposeScope();
        var tensor = torch.zeros([2, 3]);
        var error = Assert.Throws<ExternalException>(() => tensor.reshape(7));
        Assert.Contains('\n', error.Message);
        Assert.True(TorchErrors.IsFromLibTorch(error));
        var words = TorchErrors.Describe(error);
        Assert.Contains("shape '[7]' is invalid", words, StringComparison.Ordinal);
        foreach (var unwanted in new[] { "\n", "frame #", "Exception raised from", "  " })
            Assert.DoesNotContain(unwanted, words, StringComparison.Ordinal);
    }

    [Fact]
    public void A_real_error_keeps_operator_and_shapes()
    {
        using var scope = NewDisposeScope();
        var failure = Assert.Throws<ExternalException>(() => nn.functional.conv2d(torch.zeros(1, 3, 4, 4), torch.zeros(2, 4, 3, 3)));
        Assert.True(TorchErrors.IsFromLibTorch(failure));
        Assert.Equal(
            "Given groups=1, weight of size [2, 4, 3, 3], expected input[1, 3, 4, 4] to have 4 channels, but got 3 channels instead",
            TorchErrors.Describe(failure));
    }

    [Theory]
    [InlineData("a\nException raised from f at /pytorch/x.cpp:1 (most recent call first):\nframe #0: g\nframe #1: h\n", "a")]
    [InlineData("a,\n  b\nframe #0: g", "a, b")]
    [InlineData("Exception raised by the user", "Exception raised by the user")]
    [InlineData("first\n  second\r\nException raised from f at x.cpp:7 (most recent call first):\nframe #0: g\n", "first second")]
    [InlineData("reason\nframe #0: g\nframe #1: h", "reason")]
    [InlineData("reason\nC++ CapturedTraceback:\n#4 f", "reason")]
    [InlineData("what an Exception raised from a user's words says", "what an Exception raised from a user's words says")]
    [InlineData("failed.\nTraceback of TorchScript, serialized code (most recent call last):\n  File \"f.py\", line 2\n    RuntimeError: x\n\nRuntimeError: does\nnot fit\nException raised from f", "does not fit")]
    [InlineData("failed.\nTraceback of TorchScript, original code (most recent call last):\n/a/b.py(3): f\nbuiltins.ValueError: no: images", "builtins.ValueError: no: images")]
    [InlineData("failed.\nTraceback of TorchScript, original code:\n  only code", "failed. Traceback of TorchScript, original code: only code")]
    [InlineData("  one  line ", "one line")]
    [InlineData("", "")]
    public void LibTorchs_words_are_what_is_left(string message, string expected) => Assert.Equal(expected, TorchErrors.Clean(message));

    [Fact]
    public void Errors_of_others_are_as_they_are()
    {
        foreach (var error in new Exception[] { new InvalidDataException("two\nlines"), new TorchException("Linear([2,3] float32)", "does not fit") })
        {
            Assert.False(TorchErrors.IsFromLibTorch(error));
            Assert.Equal(error.Message, TorchErrors.Describe(error));
        }
    }
}
