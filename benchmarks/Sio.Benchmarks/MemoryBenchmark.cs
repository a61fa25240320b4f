using System.Globalization;
using Sio.Engine;
using Sio.Networks;
using static TorchSharp.torch;

namespace Sio.Benchmarks;

/// <summary>Live tensors and resident memory over a thousand steps, loader included: both ought to stand still.</summary>
internal static class MemoryBenchmark
{
    private static readonly int[] s_shown = [1, 10, 50, 100, 250, 500, 750, 1000, 2000, 5000];

    public static void Run(string[] args)
    {
        var steps = Stopclock.Option(args, "--steps", 1000);
        var network = Stopclock.Text(args, "--network", "lenet");
        TorchRuntime.Threads = Stopclock.Option(args, "--threads", Environment.ProcessorCount);
        var real = TrainingBench.RandomImages("real", 10_000, 1, 28, seed: 1);
        var synthetic = TrainingBench.RandomImages("synthetic", 10_000, 1, 28, seed: 2);
        using var generator = new Generator(1, CPU);
        using var model = Catalog<Classifier>.Create(network, new ClassifierShape(1, 28, 28, TrainingBench.Classes), generator);
        using var optimizer = TrainingBench.Optimizer(model);
        using var loader = TrainingBench.Loader(real, synthetic, steps);
        Console.WriteLine($"{network}, batch {TrainingBench.BatchSize}, {TorchRuntime.Threads} threads");
        Console.WriteLine($"{"step",6} {"RSS MB",8} {"of it .NET",10} {"live tensors",12}");
        long step = 0, fewest = long.MaxValue, most = 0;
        foreach (var batch in loader.Batches())
        {
            TrainingBench.Step(model, optimizer, batch.Images, batch.Labels);
            batch.Dispose();
            step++;
            // The loader holds up to four batches of two tensors, as it happens to be ahead or not.
            var live = TorchRuntime.LiveTensors;
            if (step > 1)
                (fewest, most) = (Math.Min(fewest, live), Math.Max(most, live));
            if (s_shown.Contains((int)step) || step == steps)
                Console.WriteLine($"{step,6} {ResidentMegabytes(),8:F1} {GC.GetTotalMemory(forceFullCollection: false) / 1e6,10:F1} {live,12}");
        }

        Console.WriteLine($"live tensors after step 1: {fewest} to {most}");
    }

    private static double ResidentMegabytes()
    {
        var line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(6, line.Length - 8).Trim(), CultureInfo.InvariantCulture) * 1024 / 1e6;
    }
}
