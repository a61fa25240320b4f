using FsCheck.Fluent;
using Sio.Data;
using Sio.Evaluation;
using Sio.Tests.Data;

namespace Sio.Tests.Evaluation;

public sealed class StratifiedBootstrapTests
{
    [Fact]
    public void Metrics_from_counts_equal_those_of_the_repeated_scores() => Properties.ForAll(
        from n in Gen.Choose(1, 25)
        from m in Gen.Choose(1, 25)
        from scores in Gen.ArrayOf(Gen.Choose(-4, 4), n + m)
        from picks in Gen.ArrayOf(Gen.Choose(0, 1000), n + m)
        select (n, m, scores, picks),
        drawn =>
        {
            var (n, m, scores, picks) = drawn;
            double[] id = [.. scores[..n].Select(s => s * 0.1)], ood = [.. scores[n..].Select(s => s * 0.1)];
            int[] idDrawn = new int[n], oodDrawn = new int[m];
            foreach (var pick in picks[..n])
                idDrawn[pick % n]++;
            foreach (var pick in picks[n..])
                oodDrawn[pick % m]++;
            var blocks = new ScoreBlocks(id, ood);

            var metrics = blocks.Metrics(idDrawn, oodDrawn, new int[2 * blocks.Count]);

            var expected = OodMetrics.Compute(Repeat(id, idDrawn), Repeat(ood, oodDrawn));
            Assert.Equal(expected.Auroc, metrics.Auroc, 1e-10);
            Assert.Equal(expected.AuprIn, metrics.AuprIn, 1e-10);
            Assert.Equal(expected.AuprOut, metrics.AuprOut, 1e-10);
            Assert.Equal(expected.Fpr95, metrics.Fpr95, 1e-10);
            Assert.Equal(expected.Fpr95Ood, metrics.Fpr95Ood, 1e-10);
        });

    [Fact]
    public void Errors_and_intervals_agree_with_DeLong()
    {
        var random = new RandomStream(5);
        double[] id = Draw(random, 400, 1), ood = Draw(random, 300, 0);
        double[] idOther = [.. id.Select(s => s + (0.7 * random.NextGaussian()))], oodOther = [.. ood.Select(s => s + (0.7 * random.NextGaussian()))];
        var one = DeLong.Estimate(id, ood);
        var difference = DeLong.Difference(idOther, oodOther, id, ood);

        var results = new StratifiedBootstrap().Compute([new ScoredSets(id, [ood]), new ScoredSets(idOther, [oodOther])]);
        var paired = results[0].Minus(results[1]);

        Assert.Equal(one.Auroc, results[0].Value.Auroc, 1e-10);
        Assert.InRange(results[0].StandardError(m => m.Auroc) / one.StandardError, 0.93, 1.07);
        Assert.Equal(difference.Difference, paired.Value.Auroc, 1e-10);
        Assert.InRange(paired.StandardError(m => m.Auroc) / difference.StandardError, 0.93, 1.07);
        var (low, high) = paired.PercentileInterval(m => m.Auroc);
        Assert.InRange(low - difference.Low, -0.3, 0.3);
        Assert.InRange(high - difference.High, -0.3, 0.3);
        Assert.InRange(Math.Log(paired.PValue(m => m.Auroc) / difference.P), -3, 3);
    }

    [Fact]
    public void A_mean_over_sets_counts_their_shared_ID_images()
    {
        // The same OOD scores twice, but drawn apart: half of the OOD part of the variance goes, the ID part stays.
        var random = new RandomStream(6);
        double[] id = Draw(random, 100, 1), ood = Draw(random, 2000, 0);
        var bootstrap = new StratifiedBootstrap();

        var single = bootstrap.Compute(new ScoredSets(id, [ood]));
        var twice = bootstrap.Compute(new ScoredSets(id, [ood, ood]));

        Assert.Equal(single.Value.Auroc, twice.Value.Auroc, 1e-10);
        Assert.InRange(twice.StandardError(m => m.Auroc) / single.StandardError(m => m.Auroc), 0.9, 1.02);
    }

    [Fact]
    public void The_seed_says_everything()
    {
        var scores = new ScoredSets([1, 2, 3, 4], [[0, 1, 2.5], [2, 3]]);

        Assert.Equal(new StratifiedBootstrap(50, 1).Compute(scores).Replicates, new StratifiedBootstrap(50, 1).Compute(scores).Replicates);
        Assert.NotEqual(new StratifiedBootstrap(50, 1).Compute(scores).Replicates, new StratifiedBootstrap(50, 2).Compute(scores).Replicates);
    }

    [Fact]
    public void It_can_be_stopped() => Assert.Throws<OperationCanceledException>(
        () => new StratifiedBootstrap().Compute(new ScoredSets([1, 2], [[0]]), new CancellationToken(canceled: true)));

    [Fact]
    public void Percentiles_have_whole_ranks()
    {
        // 39 replicates 1 to 39: ranks 40 · 0.025 = 1 and 39; at level 0.9, ranks 2 and 38.
        var result = new BootstrapResult(default, [.. Enumerable.Range(1, 39).Reverse().Select(i => new OodMetrics(i, 0, 0, 0, 0))]);

        Assert.Equal((1, 39), Rounded(result.PercentileInterval(m => m.Auroc)));
        Assert.Equal((2, 38), Rounded(result.PercentileInterval(m => m.Auroc, 0.9)));
        Assert.Equal((0, 0), Rounded(result.PercentileInterval(m => m.Fpr95)));
        Assert.Equal(Math.Sqrt(130), result.StandardError(m => m.Auroc), 1e-12);
        Assert.Equal(1, result.PValue(m => m.Auroc));

        static (double, double) Rounded((double Low, double High) interval) => (Math.Round(interval.Low, 10), Math.Round(interval.High, 10));
    }

    [Fact]
    public void A_difference_that_never_varies_is_no_NaN()
    {
        var results = new StratifiedBootstrap(20).Compute([new ScoredSets([3, 4], [[1, 2]]), new ScoredSets([1, 2], [[3, 4]])]);

        Assert.Equal(0, results[0].Minus(results[1]).PValue(m => m.Auroc));
        Assert.Equal(1, results[0].Minus(results[0]).PValue(m => m.Auroc));
    }

    [Fact]
    public void Bad_input_is_refused()
    {
        var bootstrap = new StratifiedBootstrap(10);
        Assert.Throws<ArgumentOutOfRangeException>(() => new StratifiedBootstrap(1));
        Assert.Throws<ArgumentException>(() => bootstrap.Compute(new ScoredSets([1], [])));
        Assert.Throws<ArgumentException>(() => bootstrap.Compute(new ScoredSets([1], [[]])));
        Assert.Throws<ArgumentException>(() => bootstrap.Compute(new ScoredSets([double.NaN], [[1]])));
        Assert.Throws<ArgumentException>(() => bootstrap.Compute([new ScoredSets([1], [[1]]), new ScoredSets([1, 2], [[1]])]));
        Assert.Throws<ArgumentOutOfRangeException>(() => bootstrap.Compute(new ScoredSets([1], [[1]])).PercentileInterval(m => m.Auroc, 1));
    }

    private static double[] Draw(RandomStream random, int count, double mean) =>
        [.. Enumerable.Range(0, count).Select(_ => mean + random.NextGaussian())];

    private static double[] Repeat(double[] values, int[] times) =>
        [.. values.Zip(times).SelectMany(pair => Enumerable.Repeat(pair.First, pair.Second))];
}
