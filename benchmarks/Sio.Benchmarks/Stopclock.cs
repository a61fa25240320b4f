using System.Diagnostics;
using System.Globalization;

namespace Sio.Benchmarks;

/// <summary>Times of several runs of the same work, in milliseconds.</summary>
internal sealed record Timing(double Median, double Fastest, double First);

/// <summary>Plain wall-clock timing: the first run, which pays for compilation, is told apart from the rest.</summary>
internal static class Stopclock
{
    public static Timing Measure(int runs, Action work)
    {
        var first = Once(work);
        var times = Enumerable.Range(0, runs).Select(_ => Once(work)).Order().ToArray();
        return new Timing((times[(runs - 1) / 2] + times[runs / 2]) / 2, times[0], first);
    }

    /// <summary>The whole number after <paramref name="name"/> in the arguments, or <paramref name="otherwise"/>.</summary>
    public static int Option(string[] args, string name, int otherwise)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;
    }

    /// <summary>The word after <paramref name="name"/> in the arguments, or <paramref name="otherwise"/>.</summary>
    public static string Text(string[] args, string name, string otherwise)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;
    }

    private static double Once(Action work)
    {
        var watch = Stopwatch.StartNew();
        work();
        return watch.Elapsed.TotalMilliseconds;
    }
}
