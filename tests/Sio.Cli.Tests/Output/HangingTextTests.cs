using Sio.Cli.Output;

namespace Sio.Cli.Tests.Output;

/// <summary>Lists on a narrow terminal.</summary>
public sealed class HangingTextTests
{
    [Fact]
    public void Further_lines_begin_below_the_text() =>
        Assert.Equal(
            ["  odin  takes a step in pixel", "        values, and more is not", "        known"],
            HangingText.Lines("  odin  ", "takes a step in pixel values, and more is not known", 31));

    [Fact]
    public void Elsewhere_than_on_a_terminal_an_entry_is_one_line() =>
        Assert.Equal(["knn  a b c"], HangingText.Lines("knn  ", "a b c", int.MaxValue));

    [Fact]
    public void A_word_that_is_too_long_is_not_cut() =>
        Assert.Equal(["a b", "  cccccccccccccccccccccccccccccc", "  d"], HangingText.Lines("a ", "b cccccccccccccccccccccccccccccc d", 12));
}
