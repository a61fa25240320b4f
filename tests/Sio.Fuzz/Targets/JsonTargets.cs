using Sio.Detection;
using Sio.Experiments.Results;

namespace Sio.Fuzz.Targets;

/// <summary><c>results.json</c>.</summary>
internal sealed class ResultsTarget : FuzzTarget
{
    internal override string Name => "json-results";

    internal override string FileName => "results.json";

    internal override bool IsText => true;

    internal override IReadOnlyList<byte[]> Seeds() =>
    [
        Text("""
            {"benchmark": "b", "id": "i", "near": ["n"], "far": ["f"], "images": {"n": "00"}, "arms": [{"name": "sio", "realRatio": 0.8, "runs": [{"seed": 0, "accuracy": 95.5, "trainSeconds": 3,
            "detectors": {"msp": {"sets": {"n": {"auroc": 80, "aupr_in": 70, "aupr_out": 60, "fpr95": 50, "fpr95_ood": 40, "ccr_1e-1": 3}}, "fitted": {"t": 1}}},
            "calibration": {"ece": 3, "adaptive_ece": 3, "nll": 0.2}}]}]}
            """),
    ];

    internal override void Read(string path) => ResultsFile.Read(path);
}

/// <summary>The normalisation beside a bank's images.</summary>
internal sealed class NormalizationTarget : FuzzTarget
{
    internal override string Name => "json-normalization";

    internal override string FileName => NormalizationFile.Name;

    internal override bool IsText => true;

    internal override IReadOnlyList<byte[]> Seeds() => [Text("{\"mean\": [0.5, 0.5, 0.5], \"std\": [0.2, 0.2, 0.2]}")];

    internal override void Read(string path) => NormalizationFile.Read(Path.GetDirectoryName(path)!);
}
