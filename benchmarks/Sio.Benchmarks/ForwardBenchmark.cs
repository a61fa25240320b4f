using System.Diagnostics;
using Sio.Detection;
using Sio.Engine;
using Sio.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Benchmarks;

/// <summary>
/// The forward pass that makes a feature bank: operator by operator, with batch norm folded, and in bf16. Rounds alternate, so that other programs on
/// the machine meet both alike.
/// </summary>
internal static class ForwardBenchmark
{
    public static void Run(string[] args)
    {
        TorchRuntime.Threads = Stopclock.Option(args, "--threads", 2);
        var batch = Stopclock.Option(args, "--batch", 256);
        var rounds = Stopclock.Option(args, "--rounds", 7);
        Measure("resnet8_28x28", new ClassifierShape(1, 28, 28, 10), batch, rounds, Stopclock.Option(args, "--repeat", 4));
        Measure("resnet18_32x32", new ClassifierShape(3, 32, 32, 10), batch, rounds, 1);
    }

    private static void Measure(string network, ClassifierShape shape, int batch, int rounds, int repeat)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator(1);
        using var model = Catalog<Classifier>.Create(network, shape, generator);
        var start = Stopwatch.GetTimestamp();
        using var folded = FoldedClassifier.TryFold(model) ?? throw new InvalidOperationException($"{network} cannot be folded");
        var folding = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        using var small = FoldedClassifier.TryFold(model, EvaluationPrecision.Bf16)!;
        var images = torch.rand([batch, shape.Channels, shape.Height, shape.Width]);
        var (eager, optimized, half) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < rounds + 2; round++)
        {
            // The first two rounds warm up.
            eager.Add(Time(() => model.Head.call(model.Features(images))));
            optimized.Add(Time(() => folded.Forward(images)));
            half.Add(Time(() => small.Forward(images)));
        }

        var (eagerMedian, optimizedMedian, halfMedian) = (Median(eager), Median(optimized), Median(half));
        Console.WriteLine(
            $"{network}, batch {batch}, {TorchRuntime.Threads} threads, {rounds} rounds: eager {eagerMedian:F1} ms (fastest {eager.Skip(2).Min():F1}), "
            + $"folded {optimizedMedian:F1} ms (fastest {optimized.Skip(2).Min():F1}), ratio {eagerMedian / optimizedMedian:F2} "
            + $"(fastest {eager.Skip(2).Min() / optimized.Skip(2).Min():F2}); bf16 {halfMedian:F1} ms (fastest {half.Skip(2).Min():F1}); folding {folding:F0} ms");

        double Time(Action work)
        {
            var begin = Stopwatch.GetTimestamp();
            for (var i = 0; i < repeat; i++)
            {
                using var step = NewDisposeScope();
                work();
            }

            return Stopwatch.GetElapsedTime(begin).TotalMilliseconds / repeat;
        }

        static double Median(List<double> times)
        {
            var sorted = times.Skip(2).Order().ToArray();
            return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        }
    }
}
