using System.Diagnostics;
using Sio.Engine;
using Sio.Generation;
using Sio.Generation.Gan;
using static TorchSharp.torch;

namespace Sio.Benchmarks;

/// <summary>A training step of the GAN of recipes/generators/gan-fashion-mnist.yml with the share of its time outside LibTorch, and the time that a set of samples takes.</summary>
internal static class GanBenchmark
{
    private const int Classes = 6;

    public static void Run(string[] args)
    {
        var steps = Stopclock.Option(args, "--steps", 30);
        var warmUp = Stopclock.Option(args, "--warm-up", 5);
        var images = Stopclock.Option(args, "--images", 50_000);
        var channels = Stopclock.Option(args, "--channels", 24);
        TorchRuntime.Threads = Stopclock.Option(args, "--threads", Environment.ProcessorCount);
        var settings = new GeneratorSettings
        {
            Model = "gan",
            Plan = new GenerationPlan { Steps = warmUp + steps, BatchSize = Stopclock.Option(args, "--batch", 32), SheetEverySteps = 0 },
            Gan = new GanSettings { GeneratorChannels = channels, DiscriminatorChannels = channels, Augment = [] },
        };
        var random = new Random(1);
        var pixels = new byte[10_000 * 28 * 28];
        random.NextBytes(pixels);
        var set = new Data.ImageSet("random", pixels, [.. Enumerable.Range(0, 10_000).Select(i => i % Classes)], 1, 28, 28, Classes);
        var seconds = new List<double>();
        var watch = Stopwatch.StartNew();
        var folder = Directory.CreateTempSubdirectory("sio-bench-");
        try
        {
            var trainer = new GeneratorTrainer(settings, set, 1)
            {
                Progress = _ => seconds.Add(watch.Elapsed.TotalSeconds),
            };
            using var model = trainer.Run(folder.FullName, resume: false).Model;
            var times = seconds.Zip(seconds.Skip(1), (a, b) => b - a).Skip(warmUp - 1).Order().ToArray();
            Console.WriteLine(
                $"gan of {channels} channels, 1×28×28, batch {settings.Plan.BatchSize}, {TorchRuntime.Threads} threads, {steps} steps: median step {1000 * times[times.Length / 2]:F1} ms, fastest {1000 * times[0]:F1} ms");

            var start = Stopwatch.GetTimestamp();
            new GeneratorSampler(model, 1, CPU).Sample(0, images);
            var time = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Console.WriteLine($"sampling {images} images: {time:F2} s, {images / time:F0} images/s");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
