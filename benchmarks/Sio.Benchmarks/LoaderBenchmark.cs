using System.Diagnostics;
using Sio.Data;
using Sio.Training.Objectives;

namespace Sio.Benchmarks;

/// <summary>How fast the loader delivers augmented batches when training takes no time at all; with an objective, as many views of each image as it trains on.</summary>
internal static class LoaderBenchmark
{
    public static void Run(string[] args)
    {
        var images = Stopclock.Option(args, "--images", 50_000);
        var objective = ObjectiveFactory.Create(new ObjectiveChoice(Stopclock.Text(args, "--objective", "cross_entropy"), new Dictionary<string, string>()));
        var rounds = Stopclock.Option(args, "--rounds", 5);
        ImageSet real = TrainingBench.RandomImages("real", images, 3, 32, seed: 1), synthetic = TrainingBench.RandomImages("synthetic", images, 3, 32, seed: 2);
        var extras = new BatchExtras { Views = [.. Enumerable.Range(0, 1 + objective.ExtraViews).Select(view => objective.CreateTransform(view, real))] };
        var batches = (images + TrainingBench.BatchSize - 1) / TrainingBench.BatchSize;
        var speeds = new double[rounds];
        for (var round = -1; round < rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            long delivered = 0;
            using var loader = TrainingBench.Loader(real, synthetic, batches, extras);
            foreach (var batch in loader.Batches())
            {
                delivered += batch.Batch.Count;
                batch.Dispose();
            }

            var speed = delivered / Stopwatch.GetElapsedTime(start).TotalSeconds;
            Console.WriteLine($"{(round < 0 ? "warm-up" : $"epoch {round + 1}"),-8} {delivered,6} images {speed,8:F0} images/s");
            if (round >= 0)
                speeds[round] = speed;
        }

        Array.Sort(speeds);
        Console.WriteLine($"median {speeds[rounds / 2]:F0}, slowest {speeds[0]:F0} images/s");
    }
}
