using System.Globalization;
using Sio.Experiments.Results;

namespace Sio.Cli.Output;

/// <summary>What stands below tables of metrics: calibration, and the network on covariate-shifted ID sets.</summary>
internal static class FurtherLines
{
    /// <summary>Calibration on the ID test set, an arm's mean over its runs.</summary>
    internal static IEnumerable<string> Calibration(ExperimentResults results) =>
        from arm in results.Arms
        let runs = arm.Runs.Select(run => run.Calibration).OfType<CalibrationResults>().ToArray()
        where runs.Length > 0
        select Calibration(results.Arms.Count > 1 ? $" ({arm.Name})" : "", runs);

    /// <summary>Calibration of one network, or the mean of several.</summary>
    internal static string Calibration(string whose, params CalibrationResults[] runs) => string.Create(
        CultureInfo.InvariantCulture,
        $"Calibration on the ID test set{whose}: ECE {runs.Average(run => run.Ece):F2} %, adaptive ECE {runs.Average(run => run.AdaptiveEce):F2} %, NLL {runs.Average(run => run.Nll):F4} nats.");

    /// <summary>What the next table counts as ID.</summary>
    internal static string FullSpectrum(string id, IEnumerable<string> shifted) => $"Full spectrum, ID = {id} + {string.Join(", ", shifted)}:";

    /// <summary>Accuracy on the shifted sets, an arm's mean over its runs.</summary>
    internal static IEnumerable<string> Shifted(ExperimentResults results) =>
        from arm in results.Arms
        let runs = arm.Runs.Select(run => run.ShiftedId).OfType<IReadOnlyDictionary<string, ShiftedResults>>().ToArray()
        where runs.Length > 0
        select Shifted(results.Arms.Count > 1 ? $" ({arm.Name})" : "", runs);

    /// <summary>Accuracy of one network on the shifted sets, or the mean of several.</summary>
    internal static string Shifted(string whose, params IReadOnlyDictionary<string, ShiftedResults>[] runs) =>
        $"Accuracy{whose}: {string.Join(", ", runs[0].Keys.Select(set => runs.All(run => run[set].Accuracy is not null) ? string.Create(CultureInfo.InvariantCulture, $"{set} {runs.Average(run => run[set].Accuracy):F2} %") : $"{set} – (no labels)"))}.";
}
