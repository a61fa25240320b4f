using Sio.Detection;

namespace Sio.Cli.Tests.Commands;

/// <summary><c>sio detectors</c> and the page that it writes.</summary>
public sealed class DetectorsTests
{
    [Fact]
    public void Every_detector_is_listed_with_its_paper_needs_and_hyper_parameters()
    {
        var outcome = SioProcess.Run("detectors");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        foreach (var detector in DetectorDocs.All())
        {
            var lines = outcome.Output.Split('\n').SkipWhile(line => !line.StartsWith(detector.Name + " ", StringComparison.Ordinal)).Take(2 + detector.HyperParameters.Count).ToArray();
            Assert.Contains(detector.Summary, lines[0], StringComparison.Ordinal);
            Assert.Contains(detector.Paper, lines[0], StringComparison.Ordinal);
            Assert.All(detector.Needs, need => Assert.Contains(need, lines[1], StringComparison.Ordinal));
            foreach (var (key, line) in detector.HyperParameters.Zip(lines.Skip(2)))
            {
                Assert.Contains($"{detector.Name}.{key.Path} = {key.Default}", line, StringComparison.Ordinal);
                Assert.False(string.IsNullOrWhiteSpace(key.Description), $"{detector.Name}.{key.Path} has no description");
            }
        }

        Assert.Contains("knn.k = 50", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_documentation_page_is_up_to_date()
    {
        var page = SioProcess.Run("detectors", "--markdown").Output;
        foreach (var part in new[] { "## knn", "| `knn.k` | `50` |", "50, 100, 200, 500, 1000", "Sun et al. 2022", "Σ\\_c e^(z\\_c / T)" })
            Assert.Contains(part, page, StringComparison.Ordinal);
        Assert.True(File.ReadAllText(Path.Combine(Checkout(), "docs", "detectors.md")) == page, $"docs/detectors.md is out of date: run {DetectorDocs.Regenerate}");
    }

    private static string Checkout()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Sio.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("no checkout above the tests");
    }
}
