using System.Diagnostics;
using Sio.Data;
using Sio.Detection;
using Sio.Detection.Detectors;
using Sio.Engine;
using TorchSharp;

namespace Sio.Benchmarks;

/// <summary>
/// Exact nearest neighbours: 50,000 × 512 features fitted, 10,000 queries, k = 50. FAISS's flat index does the same in
/// <c>peers/knn_faiss.py</c>. Features are normal around class means, so that neighbours lie nearer than strangers, as a network's do. CPU seconds are
/// told, too: where other programs hold the cores they say more than the clock.
/// </summary>
internal static class KnnBenchmark
{
    public static void Run(string[] args)
    {
        TorchRuntime.Threads = Stopclock.Option(args, "--threads", 2);
        var runs = Stopclock.Option(args, "--runs", 3);
        var (fitted, queries) = (Stopclock.Option(args, "--fit", 50_000), Stopclock.Option(args, "--queries", 10_000));
        var (size, k) = (Stopclock.Option(args, "--size", 512), Stopclock.Option(args, "--k", 50));
        using var train = Bank("train", fitted, size);
        using var test = Bank("test", queries, size);
        using var head = torch.zeros([2, size]);
        using var bias = torch.zeros([2]);
        using var knn = new Knn { K = k };
        var watch = Stopwatch.StartNew();
        knn.Fit(new DetectorFit(train, head, bias));
        Console.WriteLine($"fit {watch.Elapsed.TotalSeconds:F3} s");
        var mean = 0.0;
        var cpu = new List<double>();
        using var self = Process.GetCurrentProcess();
        var time = Stopclock.Measure(runs, () =>
        {
            self.Refresh();
            var before = self.TotalProcessorTime;
            mean = knn.Score(test).Average();
            self.Refresh();
            cpu.Add((self.TotalProcessorTime - before).TotalSeconds);
        });
        Console.WriteLine(
            $"score {time.Median / 1000:F3} s median, {time.Fastest / 1000:F3} fastest, {time.First / 1000:F3} first; CPU {cpu.Min():F3} s fewest; mean score {mean:F6}");
    }

    // A hundred classes; the same generator as in the peer's program would cost more than it shows, so the two differ in their draws.
    private static FeatureBank Bank(string name, int count, int size)
    {
        var means = new float[100 * size];
        Fill(means, RandomStream.For(1, "means"));
        var features = new float[count * size];
        Fill(features, RandomStream.For(1, name));
        for (var i = 0; i < features.Length; i++)
            features[i] += means[((i / size % 100) * size) + (i % size)];
        return new FeatureBank(name, torch.tensor(features, [count, size]), torch.zeros([count, 2]), new int[count]);
    }

    private static void Fill(Span<float> values, RandomStream random)
    {
        foreach (ref var value in values)
            value = (float)random.NextGaussian();
    }
}
