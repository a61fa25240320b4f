using Sio.Experiments.Results;

namespace Sio.Tests.Experiments.Results;

public sealed class ResultsSummaryTests
{
    [Fact]
    public void Means_and_spreads_are_over_runs()
    {
        var summary = ResultsSummary.Create(SampleResults.ThreeSeeds());

        var near = summary.Detectors.Single(d => d.Name == "msp").Cells[0];
        Assert.Equal("Near AUROC", near.Column);
        Assert.Equal(new Estimate(82, 2, 3), near.Arms[0]);
        Assert.Equal(new Estimate(84, 3, 3), near.Arms[1]);
        Assert.Equal(["Near AUROC", "Near FPR@95", "Far AUROC", "Far FPR@95"], summary.Detectors[0].Cells.Select(c => c.Column));
        Assert.Equal([true, false, true, false], summary.Detectors[0].Cells.Select(c => c.HigherIsBetter));
    }

    [Fact]
    public void Differences_are_paired_by_seed_with_a_t_interval()
    {
        // Differences 1, 2, 3: mean 2, s = 1, so the reach is 4.30265 / sqrt(3).
        var difference = ResultsSummary.Create(SampleResults.ThreeSeeds()).Detectors[0].Cells[0].Differences[1]!;

        Assert.Equal([new(0, 1), new(1, 2), new(2, 3)], difference.Seeds);
        Assert.Equal(new Estimate(2, 1, 3), difference.Estimate);
        Assert.Equal(2 - 2.484, difference.Low!.Value, 1e-3);
        Assert.Equal(2 + 2.484, difference.High!.Value, 1e-3);
    }

    [Fact]
    public void Only_shared_seeds_are_paired()
    {
        var results = SampleResults.Of(
            [SampleResults.Run(0, 90, 80, 95), SampleResults.Run(5, 90, 80, 95)],
            [SampleResults.Run(7, 91, 81, 95), SampleResults.Run(5, 92, 83, 95)]);

        var difference = ResultsSummary.Create(results).Accuracy.Cells[0].Differences;

        Assert.Null(difference[0]);
        Assert.Equal([new(5, 2)], difference[1]!.Seeds);
        Assert.Equal(new Estimate(2, null, 1), difference[1]!.Estimate);
        Assert.Null(difference[1]!.Low);
    }

    [Fact]
    public void The_baseline_can_be_named()
    {
        var summary = ResultsSummary.Create(SampleResults.ThreeSeeds(), "sio");

        Assert.Equal("sio", summary.Baseline);
        Assert.Equal(-2, summary.Detectors[0].Cells[0].Differences[0]!.Estimate.Mean);
        Assert.Throws<ArgumentException>(() => ResultsSummary.Create(SampleResults.ThreeSeeds(), "other"));
    }

    [Fact]
    public void Markdown_has_two_decimals_and_says_n()
    {
        const string Expected = """
            Benchmark fashion-6-4. ID: fashion; near-OOD: held-out; far-OOD: noise, blobs.

            |  | Arm | n | Accuracy ↑ |
            | --- | --- | ---: | ---: |
            | ID accuracy | baseline | 3 | 91.00 ± 1.00 |
            |  | sio | 3 | 91.00 ± 0.00 |
            |  | sio − baseline | 3 | 0.00 [-2.48, +2.48] |

            | Detector | Arm | n | Near AUROC ↑ | Near FPR@95 ↓ | Far AUROC ↑ | Far FPR@95 ↓ |
            | --- | --- | ---: | ---: | ---: | ---: | ---: |
            | msp | baseline | 3 | 82.00 ± 2.00 | 50.00 ± 0.00 | 96.00 ± 1.00 | 25.00 ± 0.00 |
            |  | sio | 3 | 84.00 ± 3.00 | 50.00 ± 0.00 | 96.00 ± 1.00 | 25.00 ± 0.00 |
            |  | sio − baseline | 3 | +2.00 [-0.48, +4.48] | 0.00 [0.00, 0.00] | 0.00 [0.00, 0.00] | 0.00 [0.00, 0.00] |

            In per cent. Mean ± sample standard deviation over n runs. Differences are means over seeds that both arms share, with the 95 % t-interval of the mean.

            """;

        Assert.Equal(Expected, ResultsMarkdown.Render(ResultsSummary.Create(SampleResults.ThreeSeeds())));
    }

    [Fact]
    public void Markdown_of_a_single_run_has_no_spread_and_says_so()
    {
        var results = SampleResults.Of([SampleResults.Run(0, 90, 80, 95)], [SampleResults.Run(0, 91.234, 79.995, 95)]);

        var text = ResultsMarkdown.Render(ResultsSummary.Create(results));

        Assert.Contains("|  | sio − baseline | 1 | +1.23 |", text, StringComparison.Ordinal);
        Assert.DoesNotContain('±', text);
        Assert.Contains("n = 1 is a single run, which has no spread.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_figure_over_fewer_runs_says_so()
    {
        var partial = SampleResults.Run(1, 91, 82, 96);
        partial = partial with
        {
            Detectors = new Dictionary<string, DetectorResults> { ["msp"] = partial.Detectors["msp"] with { Far = null } },
        };

        var text = ResultsMarkdown.Render(ResultsSummary.Create(SampleResults.Of([SampleResults.Run(0, 90, 80, 95), partial], [])));

        Assert.Contains("95.00 (n = 1)", text, StringComparison.Ordinal);
        Assert.Contains("| sio | 0 | – |", text, StringComparison.Ordinal);
    }
}
