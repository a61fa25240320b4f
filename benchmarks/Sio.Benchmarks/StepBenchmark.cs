using System.Diagnostics;
using Sio.Engine;
using Sio.Networks;
using Sio.Nn;
using static TorchSharp.torch;

namespace Sio.Benchmarks;

/// <summary>
/// A training step of ResNet18_32x32 with SIO's two sources, as the trainer makes it.
/// peers/train_step_torch.py is the same step in Python.
/// </summary>
internal static class StepBenchmark
{
    public static void Run(string[] args)
    {
        var steps = Stopclock.Option(args, "--steps", 8);
        var warmUp = Stopclock.Option(args, "--warm-up", 2);
        var network = Stopclock.Text(args, "--network", "resnet18_32x32");
        var bare = args.Contains("--bare");
        TorchRuntime.Threads = Stopclock.Option(args, "--threads", Environment.ProcessorCount);
        var real = TrainingBench.RandomImages("real", 10_000, 3, 32, seed: 1);
        var synthetic = TrainingBench.RandomImages("synthetic", 10_000, 3, 32, seed: 2);
        using var generator = new Generator(1, CPU);
        using var model = Catalog<Classifier>.Create(network, new ClassifierShape(3, 32, 32, TrainingBench.Classes), generator);
        if (args.Contains("--channels-last"))
            model.ToMemoryFormat(TorchSharp.memory_format.channels_last);
        using var optimizer = TrainingBench.Optimizer(model);
        using var loader = TrainingBench.Loader(real, synthetic, bare ? 1 : warmUp + steps);
        using var batches = loader.Batches().GetEnumerator();
        var seconds = new List<double>();
        double waited = 0, spent = 0;
        for (var i = 0; i < warmUp + steps; i++)
        {
            var start = Stopwatch.GetTimestamp();
            if ((i == 0 || !bare) && !batches.MoveNext())
                throw new InvalidOperationException("the loader ended early");
            var wait = Stopwatch.GetElapsedTime(start).TotalSeconds;
            TrainingBench.Step(model, optimizer, batches.Current.Images, batches.Current.Labels);
            if (!bare)
                batches.Current.Dispose();
            var time = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (i < warmUp)
                continue;
            seconds.Add(time);
            waited += wait;
            spent += time;
        }

        if (bare)
            batches.Current.Dispose();
        seconds.Sort();
        var median = (seconds[(steps - 1) / 2] + seconds[steps / 2]) / 2;
        Console.WriteLine(
            $"{network}, batch {TrainingBench.BatchSize}, {TorchRuntime.Threads} threads, {(bare ? "bare step" : "with loader")}, {steps} steps: "
            + $"median {TrainingBench.BatchSize / median:F2} images/s, fastest {TrainingBench.BatchSize / seconds[0]:F2}; median step {1000 * median:F1} ms");
        Console.WriteLine($"waiting for the loader: {1000 * waited / steps:F3} ms per step, {100 * waited / spent:F3} %");
    }
}
