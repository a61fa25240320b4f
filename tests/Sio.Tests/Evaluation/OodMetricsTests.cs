using Sio.Evaluation;

namespace Sio.Tests.Evaluation;

public sealed class OodMetricsTests
{
    public static TheoryData<string> Names => MetricsReference.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_reference_case_has_its_exact_value(string name)
    {
        var reference = MetricsReference.Cases[name];

        var metrics = OodMetrics.Compute(reference.Id, reference.Ood);

        Close(reference.Exact["auroc"], metrics.Auroc);
        Close(reference.Exact["aupr_in"], metrics.AuprIn);
        Close(reference.Exact["aupr_out"], metrics.AuprOut);
        Close(reference.Exact["fpr_at_tpr95_id_positive"], metrics.Fpr95);
        Close(reference.Exact["fpr_at_tpr95_ood_positive"], metrics.Fpr95Ood);
    }

    [Theory]
    [InlineData("saturated_softmax")]
    [InlineData("odin_like")]
    [InlineData("small_integers")]
    [InlineData("all_equal")]
    [InlineData("exactly_95")]
    public void Float_and_double_scores_of_equal_value_have_equal_metrics(string name)
    {
        var reference = MetricsReference.Cases[name];

        var single = OodMetrics.Compute(ToSingle(reference.Id), ToSingle(reference.Ood));

        Assert.Equal(OodMetrics.Compute(reference.Id, reference.Ood), single);
    }

    [Fact]
    public void Infinite_scores_are_ordered_as_numbers_are()
    {
        double[] id = [double.PositiveInfinity, 1, double.PositiveInfinity, double.NegativeInfinity];
        double[] ood = [double.NegativeInfinity, 0, double.PositiveInfinity, -1];

        Assert.Equal(OodMetrics.Compute([3.0, 2, 3, -2], [-2.0, 0, 3, -1]), OodMetrics.Compute(id, ood));
    }

    [Fact]
    public void Both_zeros_are_one_threshold()
    {
        Assert.Equal(50, OodMetrics.Compute([0.0], [-0.0]).Auroc);
        Assert.Equal(50, OodMetrics.Compute([-0f], [0f]).Auroc);
    }

    [Fact]
    public void Denormals_are_told_apart()
    {
        Assert.Equal(100, OodMetrics.Compute([double.Epsilon], [0.0]).Auroc);
        Assert.Equal(100, OodMetrics.Compute([-float.Epsilon], [-2 * float.Epsilon]).Auroc);
    }

    [Fact]
    public void Nan_is_refused_with_its_index()
    {
        var id = Assert.Throws<ArgumentException>(() => OodMetrics.Compute([1.0, double.NaN], [0.0]));
        var ood = Assert.Throws<ArgumentException>(() => OodMetrics.Compute([1f], [0f, 1f, float.NaN]));

        Assert.StartsWith("ID score 1 is NaN", id.Message, StringComparison.Ordinal);
        Assert.StartsWith("OOD score 2 is NaN", ood.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_set_is_refused_by_name()
    {
        var id = Assert.Throws<ArgumentException>(() => OodMetrics.Compute(Array.Empty<double>(), [0.0]));
        var ood = Assert.Throws<ArgumentException>(() => OodMetrics.Compute([0f], []));

        Assert.StartsWith("There are no ID scores", id.Message, StringComparison.Ordinal);
        Assert.StartsWith("There are no OOD scores", ood.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scores_are_left_as_they_were()
    {
        double[] id = [3, 1, 2], ood = [2, 0];

        OodMetrics.Compute(id, ood);

        Assert.Equal([3, 1, 2], id);
        Assert.Equal([2, 0], ood);
    }

    [Fact]
    public void Large_sets_agree_with_a_comparison_sort()
    {
        // Large enough for radix passes, two threads and pooled memory; AUROC by ranks from the library's own sort.
        var random = new Random(1);
        double[] id = Draw(random, 60_000, 0.5), ood = Draw(random, 70_000, 0);
        var sorted = ood.Order().ToArray();
        var twice = id.Sum(s => (long)Below(sorted, s) + Below(sorted, Math.BitIncrement(s)));

        var metrics = OodMetrics.Compute(id, ood);

        Assert.Equal(100.0 * twice / (2.0 * id.Length * ood.Length), metrics.Auroc, 1e-10);
        Assert.Equal(metrics, OodMetrics.Compute(id, ood));
    }

    private static double[] Draw(Random random, int count, double mean) =>
        [.. Enumerable.Range(0, count).Select(_ => Math.Round(random.NextDouble() + random.NextDouble() + mean, 4))];

    private static int Below(double[] ascending, double value)
    {
        int low = 0, high = ascending.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (ascending[middle] < value)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private static void Close(double fraction, double percent) =>
        Assert.True(Math.Abs(percent - (100 * fraction)) <= 1e-12 * Math.Max(1, percent), $"{percent} is not {100 * fraction}");

    private static float[] ToSingle(double[] scores) => [.. scores.Select(s => (float)s)];
}
