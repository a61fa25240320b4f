using System.CommandLine;
using Sio.Experiments.Results;

namespace Sio.Cli.Commands;

/// <summary>The option that says which metrics a table shows: the same in every command that prints results.</summary>
internal sealed class MetricsOption
{
    private readonly Option<string?> _metrics = new("--metrics")
    {
        Description = $"Metrics to show, or all: {string.Join(", ", ResultMetric.All.Select(metric => metric.Name))} (docs/metrics.md). Files have all of them anyway.", HelpName = "a,b|all",
    };

    internal void AddTo(Command command) => command.Options.Add(_metrics);

    /// <summary>The metrics asked for, or null where the option was left out.</summary>
    internal IReadOnlyList<ResultMetric>? Get(ParseResult parsed) =>
        DetectorOptions.Split(parsed.GetValue(_metrics), "--metrics") is { } names ? ResultMetric.Of(names) : null;
}
