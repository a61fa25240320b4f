using Sio.Evaluation;

namespace Sio.Benchmarks;

/// <summary>
/// All OOD metrics on half ID and half OOD scores: normal scores, the same rounded to two decimals (heavy ties), and scores
/// crowded just below 1 beside one outlier, which is the worst case of the radix sort.
/// </summary>
internal static class MetricsBenchmark
{
    public static void Run(string[] args)
    {
        var runs = Stopclock.Option(args, "--runs", 7);
        Console.WriteLine($"{"scores",10} {"type",-7} {"values",-8} {"median",10} {"fastest",10} {"first",10}   (ms)");
        foreach (var count in new[] { 1_000_000, 10_000_000 })
        {
            foreach (var values in new[] { "normal", "ties", "crowded" })
            {
                double[] id = Draw(count / 2, 1, values, seed: 1), ood = Draw(count / 2, 0, values, seed: 2);
                float[] idSingle = [.. id.Select(s => (float)s)], oodSingle = [.. ood.Select(s => (float)s)];
                Print(count, "float", values, Stopclock.Measure(runs, () => OodMetrics.Compute(idSingle, oodSingle)));
                Print(count, "double", values, Stopclock.Measure(runs, () => OodMetrics.Compute(id, ood)));
            }
        }
    }

    private static void Print(int count, string type, string values, Timing time) => Console.WriteLine(
        $"{count,10} {type,-7} {values,-8} {time.Median,10:F1} {time.Fastest,10:F1} {time.First,10:F1}");

    private static double[] Draw(int count, double mean, string values, int seed)
    {
        var random = new Random(seed);
        var scores = new double[count];
        for (var i = 0; i < count; i++)
        {
            var normal = mean + (Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
            scores[i] = values switch
            {
                "ties" => Math.Round(normal, 2),
                "crowded" => i == 0 ? -1e30 : 1 - (1e-9 * Math.Exp(-normal)),
                _ => normal,
            };
        }

        return scores;
    }
}
