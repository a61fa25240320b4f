namespace Sio.Cli.Tests.Commands;

/// <summary><c>sio reference</c>, and the page that it makes.</summary>
public sealed class ReferenceTests
{
    [Fact]
    public void The_page_has_every_command_and_is_up_to_date()
    {
        var outcome = SioProcess.Run("reference");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        foreach (var part in new[] { "## sio train", "## sio generate sample", "## sio data fetch", "| `--synthetic PATH` |", "sio quickstart --runs 3" })
            Assert.Contains(part, outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("check-convolutions", outcome.Output, StringComparison.Ordinal);
        Assert.True(
            File.ReadAllText(Path.Combine(Packaging.PackedProduct.Checkout, "docs", "cli.md")) == outcome.Output,
            "docs/cli.md is out of date: run ./sio reference > docs/cli.md");
    }
}
