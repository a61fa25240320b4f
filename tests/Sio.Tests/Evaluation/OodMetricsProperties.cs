using FsCheck;
using FsCheck.Fluent;
using Sio.Evaluation;

namespace Sio.Tests.Evaluation;

public sealed class OodMetricsProperties
{
    /// <summary>Few values, so that most scores are tied: both zeros, infinities, denormals, neighbours of 1.</summary>
    private static readonly double[] Pool =
    [
        0.0, -0.0, 1, -1, 2, 0.5, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, -double.Epsilon,
        3e-310, Math.BitIncrement(1.0), Math.BitDecrement(1.0), double.MaxValue, double.MinValue,
    ];

    private static readonly Gen<double> Score = Gen.Frequency(
        (4, Gen.Elements(Pool)),
        (1, Gen.Choose(-3, 3).Select(i => (double)i)),
        (1, Gen.Choose(int.MinValue, int.MaxValue).Select(i => i * 1.1e-7)));

    private static readonly Arbitrary<(double[] Id, double[] Ood)> TwoSets = (
        from idCount in Gen.Choose(1, 45)
        from oodCount in Gen.Choose(1, 45)
        from id in Gen.ArrayOf(Score, idCount)
        from ood in Gen.ArrayOf(Score, oodCount)
        select (id, ood)).ToArbitrary();

    [Fact]
    public void Equals_the_definitions() => Check(
        (id, ood) => Same(NaiveMetrics.Compute(id, ood), OodMetrics.Compute(id, ood)));

    [Fact]
    public void Swapped_sets_have_the_complementary_auroc() => Check(
        (id, ood) => Near(100 - OodMetrics.Compute(ood, id).Auroc, OodMetrics.Compute(id, ood).Auroc));

    [Fact]
    public void A_strictly_increasing_transform_changes_nothing() => Check((id, ood) =>
    {
        // Ranks keep the order and nothing else.
        var values = id.Concat(ood).Distinct().Order().ToList();
        double[] Ranks(double[] scores) => [.. scores.Select(s => (values.IndexOf(s) * 7.5) - 100)];
        return OodMetrics.Compute(id, ood) == OodMetrics.Compute(Ranks(id), Ranks(ood));
    });

    [Fact]
    public void Swapped_sets_with_negated_scores_swap_the_two_sides() => Check((id, ood) =>
    {
        var here = OodMetrics.Compute(id, ood);
        var there = OodMetrics.Compute([.. ood.Select(s => -s)], [.. id.Select(s => -s)]);
        return Same(here, new OodMetrics(there.Auroc, there.AuprOut, there.AuprIn, there.Fpr95Ood, there.Fpr95));
    });

    [Fact]
    public void The_order_of_the_scores_does_not_matter() => Check(
        (id, ood) => OodMetrics.Compute(id, ood) == OodMetrics.Compute([.. id.Reverse()], [.. ood.Order()]));

    [Fact]
    public void Float_scores_equal_the_same_scores_as_doubles() => Check((id, ood) =>
    {
        float[] idSingle = [.. id.Select(s => (float)s)], oodSingle = [.. ood.Select(s => (float)s)];
        return OodMetrics.Compute(idSingle, oodSingle)
            == OodMetrics.Compute([.. idSingle.Select(s => (double)s)], [.. oodSingle.Select(s => (double)s)]);
    });

    private static void Check(Func<double[], double[], bool> holds) => Prop
        .ForAll(TwoSets, sets => holds(sets.Id, sets.Ood))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static bool Same(OodMetrics a, OodMetrics b) =>
        Near(a.Auroc, b.Auroc) && Near(a.AuprIn, b.AuprIn) && Near(a.AuprOut, b.AuprOut)
        && Near(a.Fpr95, b.Fpr95) && Near(a.Fpr95Ood, b.Fpr95Ood);

    private static bool Near(double a, double b) => Math.Abs(a - b) <= 1e-10;
}
