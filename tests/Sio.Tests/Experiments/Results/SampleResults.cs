using Sio.Experiments.Results;

namespace Sio.Tests.Experiments.Results;

/// <summary>Small results with round figures.</summary>
internal static class SampleResults
{
    public static SetMetrics Metrics(double auroc, double fpr95) =>
        new() { Auroc = auroc, AuprIn = 80, AuprOut = 70, Fpr95 = fpr95, Fpr95Ood = 33.3 };

    public static RunResults Run(long seed, double accuracy, double nearAuroc, double farAuroc) => new()
    {
        Seed = seed,
        Accuracy = accuracy,
        TrainSeconds = 12.5,
        Detectors = new Dictionary<string, DetectorResults>
        {
            ["msp"] = DetectorResults.FromSets(
                new Dictionary<string, SetMetrics>
                {
                    ["held-out"] = Metrics(nearAuroc, 50),
                    ["noise"] = Metrics(farAuroc - 1, 20),
                    ["blobs"] = Metrics(farAuroc + 1, 30),
                },
                ["held-out", "not at hand"],
                ["noise", "blobs"]),
        },
    };

    public static ExperimentResults Of(RunResults[] baseline, RunResults[] sio) => new()
    {
        Benchmark = "fashion-6-4",
        Id = "fashion",
        Near = ["held-out"],
        Far = ["noise", "blobs"],
        Arms =
        [
            new ArmResults { Name = "baseline", RealRatio = 1, Runs = baseline },
            new ArmResults { Name = "sio", RealRatio = 0.8, Runs = sio },
        ],
    };

    public static ExperimentResults ThreeSeeds() => Of(
        [Run(0, 90, 80, 95), Run(1, 91, 82, 96), Run(2, 92, 84, 97)],
        [Run(0, 91, 81, 95), Run(1, 91, 84, 96), Run(2, 91, 87, 97)]);
}
