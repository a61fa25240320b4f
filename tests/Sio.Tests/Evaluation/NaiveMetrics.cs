using Sio.Evaluation;

namespace Sio.Tests.Evaluation;

/// <summary>The metrics by their definitions, counting again at every threshold: slow, and with nothing to get wrong.</summary>
public static class NaiveMetrics
{
    public static OodMetrics Compute(double[] id, double[] ood)
    {
        double[] negatedId = [.. id.Select(s => -s)], negatedOod = [.. ood.Select(s => -s)];
        return new OodMetrics(
            100 * Auroc(id, ood),
            100 * Aupr(id, ood),
            100 * Aupr(negatedOod, negatedId),
            100 * Fpr95(id, ood),
            100 * Fpr95(negatedOod, negatedId));
    }

    private static double Auroc(double[] positive, double[] negative) =>
        positive.Average(p => negative.Average(n => p > n ? 1.0 : p == n ? 0.5 : 0.0));

    private static double Aupr(double[] positive, double[] negative)
    {
        double area = 0, lastRecall = 0, lastPrecision = 1;
        foreach (var threshold in Descending(positive, negative))
        {
            double tp = positive.Count(p => p >= threshold), fp = negative.Count(n => n >= threshold);
            double recall = tp / positive.Length, precision = tp / (tp + fp);
            area += (recall - lastRecall) * (precision + lastPrecision) / 2;
            (lastRecall, lastPrecision) = (recall, precision);
        }

        return area;
    }

    private static double Fpr95(double[] positive, double[] negative)
    {
        var threshold = Descending(positive, negative)
            .First(t => 100 * positive.Count(p => p >= t) >= 95 * positive.Length);
        return negative.Count(n => n >= threshold) / (double)negative.Length;
    }

    // Distinct() tells -0.0 from 0.0 no more than == does.
    private static IEnumerable<double> Descending(double[] a, double[] b) =>
        a.Concat(b).Distinct().OrderByDescending(s => s);
}
