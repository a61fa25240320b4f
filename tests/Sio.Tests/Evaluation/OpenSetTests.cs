using FsCheck.Fluent;
using Sio.Evaluation;
using Sio.Tests.Data;

namespace Sio.Tests.Evaluation;

/// <summary>OSCR, AURC, AUTC and full-spectrum evaluation: worked examples, definitions, limits.</summary>
public sealed class OpenSetTests
{
    public static TheoryData<string> Names => MetricsReference.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void OSCR_is_the_area_under_CCR_over_FPR(string name)
    {
        var reference = MetricsReference.Cases[name];
        double area = 0, lastFpr = 0, lastCcr = 0;
        foreach (var threshold in reference.Id.Concat(reference.Ood).Distinct().OrderDescending())
        {
            var fpr = reference.Ood.Count(s => s >= threshold) / (double)reference.Ood.Length;
            var ccr = reference.Id.Zip(reference.IdCorrect).Count(s => s.Second && s.First >= threshold) / (double)reference.Id.Length;
            area += (fpr - lastFpr) * (ccr + lastCcr) / 2;
            (lastFpr, lastCcr) = (fpr, ccr);
        }

        Assert.Equal(100 * area, OpenSetClassificationRate.Compute(reference.Id, reference.IdCorrect, reference.Ood), 1e-9);
    }

    [Fact]
    public void OSCR_of_right_predictions_is_AUROC_and_of_wrong_ones_nothing()
    {
        double[] id = [3, 1, 2], ood = [2, 0];

        Assert.Equal(OodMetrics.Compute(id, ood).Auroc, OpenSetClassificationRate.Compute(id, [true, true, true], ood), 1e-12);
        Assert.Equal(0, OpenSetClassificationRate.Compute(id, [false, false, false], ood));
        // Of the six pairs the right samples 1 and 2 win one each, and 2 ties with 2.
        Assert.Equal(100 * 2.5 / 6, OpenSetClassificationRate.Compute(id, [false, true, true], ood), 1e-12);
        Assert.Throws<ArgumentException>(() => OpenSetClassificationRate.Compute(id, [true], ood));
        Assert.Throws<ArgumentException>(() => OpenSetClassificationRate.Compute([double.NaN], [false], ood));
        Assert.Throws<ArgumentException>(() => OpenSetClassificationRate.Compute([], [], ood));
    }

    [Fact]
    public void AURC_of_a_worked_example()
    {
        // By confidence: right, wrong, right, wrong: risks 0, 1/2, 1/3, 2/4. Best: right, right, wrong, wrong: 0, 0, 1/3, 2/4.
        var risk = SelectiveRisk.Compute([0.6, 0.9, 0.8, 0.7], [false, true, false, true]);

        Assert.Equal(100 * (0.5 + (1 / 3.0) + 0.5) / 4, risk.Aurc, 1e-12);
        Assert.Equal(100 * 0.5 / 4, risk.ExcessAurc, 1e-12);
        Assert.Equal(new SelectiveRisk(0, 0), SelectiveRisk.Compute([1, 2], [true, true]));
        Assert.Equal(new SelectiveRisk(100, 0), SelectiveRisk.Compute([1, 2], [false, false]));
    }

    [Fact]
    public void AURC_of_equal_scores_is_the_mean_over_their_orders()
    {
        bool[] correct = [true, false, true, false];
        int[][] orders = [.. Permutations([0, 1, 2, 3])];
        var mean = orders.Average(order => SelectiveRisk.Compute([.. Enumerable.Range(0, 4).Select(i => (double)order[i])], correct).Aurc);

        Assert.Equal(24, orders.Length);
        Assert.Equal(mean, SelectiveRisk.Compute([7, 7, 7, 7], correct).Aurc, 1e-10);
    }

    [Fact]
    public void AURC_lies_between_the_best_and_the_worst_order() => Properties.ForAll(
        from n in Gen.Choose(1, 30)
        from scores in Gen.ArrayOf(Gen.Choose(-4, 4), n)
        from correct in Gen.ArrayOf(Gen.Elements(true, false), n)
        select (scores, correct),
        drawn =>
        {
            double[] scores = [.. drawn.scores.Select(s => (double)s)], best = [.. drawn.correct.Select(c => c ? 1.0 : 0)];
            var risk = SelectiveRisk.Compute(scores, drawn.correct);
            var ideal = SelectiveRisk.Compute(best, drawn.correct);

            Assert.InRange(risk.ExcessAurc, 0, 100);
            Assert.InRange(risk.Aurc, 0, 100 + 1e-9);
            Assert.True(SelectiveRisk.Compute([.. best.Select(s => -s)], drawn.correct).Aurc >= risk.Aurc - 1e-9);
            Assert.Equal(ideal.Aurc, risk.Aurc - risk.ExcessAurc, 1e-9);
            Assert.Equal(0, ideal.ExcessAurc, 1e-9);
        });

    [Fact]
    public void AURC_refuses_bad_input()
    {
        Assert.Throws<ArgumentException>(() => SelectiveRisk.Compute([1], [true, false]));
        Assert.Throws<ArgumentException>(() => SelectiveRisk.Compute([], []));
        Assert.Throws<ArgumentException>(() => SelectiveRisk.Compute([double.NaN], [true]));
    }

    [Fact]
    public void AUTC_is_the_area_under_both_rates_over_the_threshold() => Properties.ForAll(
        from id in Gen.ArrayOf(Gen.Choose(-9, 9), 7)
        from ood in Gen.ArrayOf(Gen.Choose(-9, 9), 5)
        select (id, ood),
        drawn =>
        {
            double[] id = [.. drawn.id.Select(s => s + 3.0)], ood = [.. drawn.ood.Select(s => (double)s)];
            double[] all = [.. id, .. ood];
            double low = all.Min(), high = all.Max();
            if (low == high)
                return;

            // The rates are constant between neighbouring scores: rectangles, at thresholds just above each score.
            var area = 0.0;
            var steps = all.Distinct().Order().ToArray();
            foreach (var (from, to) in steps.Zip(steps.Skip(1)))
            {
                var width = (to - from) / (high - low);
                area += width * ((ood.Count(s => s >= to) / (double)ood.Length) + (id.Count(s => s < to) / (double)id.Length)) / 2;
            }

            var value = ThresholdCurveArea.Compute(id, ood);

            Assert.Equal(100 * area, value, 1e-9);
            Assert.Equal(value, ThresholdCurveArea.Compute([.. ood.Select(s => -s)], [.. id.Select(s => -s)]), 1e-9);
            Assert.Equal(value, ThresholdCurveArea.Compute([.. id.Select(s => (2.5 * s) - 1)], [.. ood.Select(s => (2.5 * s) - 1)]), 1e-9);
        });

    [Fact]
    public void AUTC_has_its_limits()
    {
        Assert.Equal(0, ThresholdCurveArea.Compute([5, 5], [2]));
        Assert.Equal(100, ThresholdCurveArea.Compute([2], [5, 5]));
        Assert.Equal(50, ThresholdCurveArea.Compute([3, 3], [3]));
        Assert.Equal(0, ThresholdCurveArea.Compute([double.MaxValue], [double.MinValue]));
        Assert.Throws<ArgumentException>(() => ThresholdCurveArea.Compute([double.PositiveInfinity], [1]));
        Assert.Throws<ArgumentException>(() => ThresholdCurveArea.Compute([1], [double.NaN]));
        Assert.Throws<ArgumentException>(() => ThresholdCurveArea.Compute([1], []));
    }

    [Fact]
    public void Shifted_ID_images_count_as_ID()
    {
        var standard = new ScoredSets([3, 4], [[1, 2], [0.5]]);

        var full = FullSpectrum.Merge(standard, [[1.5], [5]]);

        Assert.Equal([3, 4, 1.5, 5], full.Id);
        Assert.Equal(100, standard.MeanMetrics().Auroc);
        Assert.Equal(((100 * 7 / 8.0) + 100) / 2, full.MeanMetrics().Auroc, 1e-12);
        Assert.Throws<ArgumentException>(() => FullSpectrum.Merge(standard, []));
        Assert.Throws<ArgumentException>(() => FullSpectrum.Merge(standard, [[]]));
    }

    private static IEnumerable<int[]> Permutations(int[] items) => items.Length <= 1
        ? [items]
        : items.SelectMany(first => Permutations([.. items.Where(i => i != first)]).Select(rest => (int[])[first, .. rest]));
}
