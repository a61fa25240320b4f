using System.Text.Json.Serialization;

namespace Sio.Experiments.Results;

/// <summary>What <c>results.json</c> holds: every arm of an experiment, run by run. Per cent, full precision.</summary>
public sealed record ExperimentResults
{
    /// <summary>Name of the benchmark.</summary>
    public required string Benchmark { get; init; }

    /// <summary>Name of the ID set.</summary>
    public required string Id { get; init; }

    /// <summary>Names of the near-OOD sets.</summary>
    public required IReadOnlyList<string> Near { get; init; }

    /// <summary>Names of the far-OOD sets.</summary>
    public required IReadOnlyList<string> Far { get; init; }

    /// <summary>Names of the covariate-shifted ID sets; null where there is none.</summary>
    [JsonPropertyName("shifted_id")]
    public IReadOnlyList<string>? ShiftedId { get; init; }

    /// <summary>OOD sets that the benchmark has and that were not at hand, as <c>group: name</c>; the groups' means are over the others. Null where all were.</summary>
    public IReadOnlyList<string>? Missing { get; init; }

    /// <summary>
    /// SHA-256 of each set's images and labels (<see cref="Data.ImageSet.ContentHash"/>), by the set's name; with <c>files:</c> before it
    /// for a set that is read from files, whose hash depends on where
    /// they are. Null in files of earlier versions.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Images { get; init; }

    /// <summary>The arms compared, the baseline first.</summary>
    public required IReadOnlyList<ArmResults> Arms { get; init; }
}

/// <summary>One way of training, over its seeds.</summary>
public sealed record ArmResults
{
    /// <summary>The arm's name: <c>baseline</c>, <c>sio</c>, …</summary>
    public required string Name { get; init; }

    /// <summary>Share of real images in a batch, 0 to 1; 1 for the baseline.</summary>
    public required double RealRatio { get; init; }

    /// <summary>One per seed.</summary>
    public required IReadOnlyList<RunResults> Runs { get; init; }
}

/// <summary>One training and what its detectors did.</summary>
public sealed record RunResults
{
    /// <summary>The seed; runs of two arms with the same seed are a pair.</summary>
    public required long Seed { get; init; }

    /// <summary>Which weights were measured: <c>last</c>, of the end of training, or <c>best</c>, of the epoch with the best validation accuracy; null in files that know only the last.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>SHA-256 of the weights that were measured: names, types, shapes and values; null in files of earlier versions. The scores
    /// beside it have the same in <c>weights_sha256</c>.</summary>
    public string? Weights { get; init; }

    /// <summary>Accuracy on the ID test set, 0 to 100.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Wall-clock seconds that the training took.</summary>
    public required double TrainSeconds { get; init; }

    /// <summary>Results by the detector's name.</summary>
    public required IReadOnlyDictionary<string, DetectorResults> Detectors { get; init; }

    /// <summary>Calibration on the ID test set; null where a file of another origin does not have it.</summary>
    public CalibrationResults? Calibration { get; init; }

    /// <summary>The network on each covariate-shifted ID set, by name; null where there is none.</summary>
    [JsonPropertyName("shifted_id")]
    public IReadOnlyDictionary<string, ShiftedResults>? ShiftedId { get; init; }

    /// <summary>Why a detector did not run, by its name; null where all that were asked for did.</summary>
    public IReadOnlyDictionary<string, string>? Skipped { get; init; }

    /// <summary>Folders of the further runs whose networks joined in where a detector needs several; null for none.</summary>
    public IReadOnlyList<string>? Ensemble { get; init; }
}

/// <summary>One detector on the OOD sets of a benchmark.</summary>
public sealed record DetectorResults
{
    /// <summary>Means over the near-OOD sets; null where none was at hand.</summary>
    public SetMetrics? Near { get; init; }

    /// <summary>Means over the far-OOD sets; null where none was at hand.</summary>
    public SetMetrics? Far { get; init; }

    /// <summary>Metrics by the set's name.</summary>
    public required IReadOnlyDictionary<string, SetMetrics> Sets { get; init; }

    /// <summary>How its hyper-parameters were chosen; null where they were not searched for.</summary>
    public TunedDetector? Tuned { get; init; }

    /// <summary>The numbers that it fitted, by name: a temperature, a threshold; null where it fitted none.</summary>
    public IReadOnlyDictionary<string, double>? Fitted { get; init; }

    /// <summary>Area under the risk-coverage curve of the ID test set with this detector's scores, 0 to 100, lower is better; null where it was not computed.</summary>
    public double? Aurc { get; init; }

    /// <summary>Excess AURC, likewise: what a perfect order of the same predictions would save.</summary>
    public double? Eaurc { get; init; }

    /// <summary>All of this with the covariate-shifted ID images counted as ID; null where there are none.</summary>
    [JsonPropertyName("full_spectrum")]
    public DetectorResults? FullSpectrum { get; init; }

    /// <summary>Builds the near and far means from the sets that are there.</summary>
    /// <param name="sets">Metrics by the set's name.</param>
    /// <param name="near">Names of the near-OOD sets; those without metrics are left out of the mean.</param>
    /// <param name="far">Names of the far-OOD sets, likewise.</param>
    public static DetectorResults FromSets(
        IReadOnlyDictionary<string, SetMetrics> sets,
        IEnumerable<string> near,
        IEnumerable<string> far)
    {
        ArgumentNullException.ThrowIfNull(sets);
        ArgumentNullException.ThrowIfNull(near);
        ArgumentNullException.ThrowIfNull(far);
        return new DetectorResults { Near = Mean(near), Far = Mean(far), Sets = sets };

        SetMetrics? Mean(IEnumerable<string> names)
        {
            var present = names.Where(sets.ContainsKey).Select(name => sets[name]).ToArray();
            return present.Length > 0 ? SetMetrics.Mean(present) : null;
        }
    }
}
