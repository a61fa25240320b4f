using System.Diagnostics;
using Sio.Engine;
using Sio.Generation;
using Sio.Generation.Diffusion;
using static TorchSharp.torch;

namespace Sio.Benchmarks;

/// <summary>What the diffusion sampler costs beside its evaluations of the network: noise, Heun's steps, bytes.</summary>
internal static class DiffusionBenchmark
{
    public static void Run(string[] args)
    {
        var runs = Stopclock.Option(args, "--runs", 3);
        var channels = Stopclock.Option(args, "--channels", 32);
        var sampling = new DiffusionSampling
        {
            Steps = Stopclock.Option(args, "--steps", 18), Guidance = Stopclock.Option(args, "--guidance", 100) / 100.0, Churn = Stopclock.Option(args, "--churn", 0),
        };
        TorchRuntime.Threads = Stopclock.Option(args, "--threads", Environment.ProcessorCount);
        var settings = new GeneratorSettings { Model = "diffusion", Diffusion = new DiffusionSettings { Channels = channels, Sampling = sampling } };
        var (evaluations, inside) = (0, TimeSpan.Zero);
        using var model = (EdmDiffusion)GeneratorTrainer.NewModel(settings, new GeneratorShape(1, 28, 28, 10), 1, CPU);
        model.Evaluated = time => (evaluations, inside) = (evaluations + 1, inside + time);
        var sampler = new GeneratorSampler(model, 1, CPU);
        Console.WriteLine($"diffusion of {channels} channels, 1×28×28, {model.SampleBatch} images, {TorchRuntime.Threads} threads: {model.Sampler}");
        for (var run = 0; run <= runs; run++)
        {
            (evaluations, inside) = (0, TimeSpan.Zero);
            var start = Stopwatch.GetTimestamp();
            sampler.Sample(0, model.SampleBatch);
            var total = Stopwatch.GetElapsedTime(start);
            // The first run compiles the code.
            if (run > 0)
                Console.WriteLine($"{evaluations} evaluations in {inside.TotalSeconds:F3} s, {1000 * (total - inside).TotalSeconds:F1} ms beside them: {100 * ((total / inside) - 1):F2} % overhead");
        }
    }
}
