using Sio.Cli.Output;

namespace Sio.Cli.Tests;

/// <summary>A progress line at any width: parts are left out whole, the least important first, and no figure is cut.</summary>
public sealed class TerminalTests
{
    private static readonly string[] s_parts = ["epoch 12/160", "1800 images/s", "0:41 left", "loss 0.1234", "accuracy 98.76 %"];

    [Theory]
    [InlineData(200, "sio, seed 0: training [##########] epoch 12/160, 1800 images/s, 0:41 left, loss 0.1234, accuracy 98.76 %")]
    [InlineData(79, "sio, seed 0: training [##########] epoch 12/160, 1800 images/s, 0:41 left")]
    [InlineData(47, "sio, seed 0: training [##########] epoch 12/160")]
    [InlineData(40, "[##########] epoch 12/160, 1800 images/s")]
    [InlineData(39, "[##########] epoch 12/160")]
    [InlineData(24, "epoch 12/160")]
    [InlineData(12, "epoch 12/160")]
    [InlineData(9, "epoch…")]
    public void Parts_are_left_out_whole(int width, string expected) =>
        Assert.Equal(expected, Terminal.Fit("sio, seed 0: training", "[##########]", s_parts, width));

    [Fact]
    public void No_line_is_wider_than_the_terminal()
    {
        for (var width = 7; width < 120; width++)
        {
            Assert.InRange(Terminal.Fit("sio, seed 0: training", "[##########]", s_parts, width).Length, 1, width);
            Assert.InRange(Terminal.Fit("t10k-images-idx3-ubyte.gz: 12.3 MB of 45.6 MB (27 %), 3.21 MB/s, 0:10 left", width).Length, 1, width);
        }
    }
}
