using FsCheck.Fluent;
using Sio.Evaluation;
using Sio.Tests.Data;

namespace Sio.Tests.Evaluation;

public sealed class DeLongTests
{
    // DeLong, DeLong & Clarke-Pearson's own example, 43 patients without missing values as SAS/STAT's documentation of PROC LOGISTIC lists them:
    // albumin, total protein, K-G score, and the outcome, which stands for ID here. What the tests expect of them was counted pair by pair from
    // the paper's definition in a Python script of some lines, apart from this code.
    private static readonly double[][] s_patients =
    [
        [3.0, 5.8, 10, 0], [3.2, 6.3, 5, 1], [3.9, 6.8, 3, 1], [2.8, 4.8, 6, 0], [3.2, 5.8, 3, 1], [0.9, 4.0, 5, 0], [2.5, 5.7, 8, 0],
        [1.6, 5.6, 5, 1], [3.8, 5.7, 5, 1], [3.7, 6.7, 6, 1], [3.2, 5.4, 4, 1], [3.8, 6.6, 6, 1], [4.1, 6.6, 5, 1], [3.6, 5.7, 5, 1],
        [4.3, 7.0, 4, 1], [3.6, 6.7, 4, 0], [2.3, 4.4, 6, 1], [4.2, 7.6, 4, 0], [4.0, 6.6, 6, 0], [3.5, 5.8, 6, 1], [3.8, 6.8, 7, 1],
        [3.0, 4.7, 8, 0], [4.5, 7.4, 5, 1], [3.7, 7.4, 5, 1], [3.1, 6.6, 6, 1], [4.1, 8.2, 6, 1], [4.3, 7.0, 5, 1], [4.3, 6.5, 4, 1],
        [3.2, 5.1, 5, 1], [2.6, 4.7, 6, 1], [3.3, 6.8, 6, 0], [1.7, 4.0, 7, 0], [3.7, 6.1, 5, 1], [3.3, 6.3, 7, 1], [4.2, 7.7, 6, 1],
        [3.5, 6.2, 5, 1], [2.9, 5.7, 9, 0], [2.1, 4.8, 7, 1], [2.8, 6.2, 8, 0], [4.0, 7.0, 7, 1], [3.3, 5.7, 6, 1], [3.7, 6.9, 5, 1], [3.6, 6.6, 5, 1],
    ];

    [Theory]
    [InlineData(0, 1, 73.66, 9.27, 55.49, 91.82)]
    [InlineData(1, 1, 64.78, 10.00, 45.18, 84.39)]
    [InlineData(2, -1, 72.58, 10.28, 52.43, 92.73)]
    public void The_paper_s_patients_have_their_areas_and_errors(int test, int sign, double auroc, double error, double low, double high)
    {
        var (id, ood) = Patients(test, sign);

        var estimate = DeLong.Estimate(id, ood);

        Assert.Equal(auroc, estimate.Auroc, 5e-3);
        Assert.Equal(error, estimate.StandardError, 5e-3);
        Assert.Equal(low, estimate.Low, 5.1e-3);
        Assert.Equal(high, estimate.High, 5.1e-3);
    }

    [Theory]
    [InlineData(0, 1.08, 9.53, 0.0127, 0.9102)]
    [InlineData(1, -7.80, 10.46, 0.5554, 0.4561)]
    public void The_paper_s_patients_have_their_differences(int test, double difference, double error, double chiSquare, double p)
    {
        var ((idScore, oodScore), (id, ood)) = (Patients(2, -1), Patients(test, 1));

        var result = DeLong.Difference(idScore, oodScore, id, ood);

        Assert.Equal(difference, result.Difference, 5e-3);
        Assert.Equal(error, result.StandardError, 5e-3);
        Assert.Equal(chiSquare, result.Z * result.Z, 5e-5);
        Assert.Equal(p, result.P, 5e-5);
        Assert.Equal(result.Difference + (1.959963984540054 * result.StandardError), result.High, 1e-10);
    }

    [Fact]
    public void Equals_the_definition_under_ties() => Properties.ForAll(
        from n in Gen.Choose(2, 20)
        from m in Gen.Choose(2, 20)
        from scores in Gen.ArrayOf(Gen.Choose(-3, 3), 2 * (n + m))
        select (n, m, scores),
        drawn =>
        {
            var (n, m, scores) = drawn;
            double[] all = [.. scores.Select(s => s / 4.0)];
            double[] idA = all[..n], oodA = all[n..(n + m)], idB = all[(n + m)..((2 * n) + m)], oodB = all[((2 * n) + m)..];
            var (a, b) = (Place(idA, oodA), Place(idB, oodB));
            double[] id = [.. b.Id.Zip(a.Id, (x, y) => x - y)], ood = [.. b.Ood.Zip(a.Ood, (x, y) => x - y)];

            var one = DeLong.Estimate(idA, oodA);
            var difference = DeLong.Difference(idA, oodA, idB, oodB);

            Assert.Equal(OodMetrics.Compute(idA, oodA).Auroc, one.Auroc, 1e-10);
            Assert.Equal(100 * Math.Sqrt((Variance(a.Id) / n) + (Variance(a.Ood) / m)), one.StandardError, 1e-10);
            Assert.Equal(OodMetrics.Compute(idB, oodB).Auroc - one.Auroc, difference.Difference, 1e-10);
            Assert.Equal(100 * Math.Sqrt((Variance(id) / n) + (Variance(ood) / m)), difference.StandardError, 1e-10);
            Assert.InRange(difference.P, 0, 1);
            var back = DeLong.Difference(idB, oodB, idA, oodA);
            Assert.Equal((-difference.Difference, difference.P), (back.Difference, back.P));
        });

    [Fact]
    public void No_overlap_and_no_difference_are_no_NaN()
    {
        double[] high = [3, 4], low = [1, 2];

        Assert.Equal(new AurocEstimate(100, 0, 100, 100), DeLong.Estimate(high, low));
        Assert.Equal(new AurocDifference(0, 0, 0, 0, 0, 1), DeLong.Difference(high, low, high, low));
        Assert.Equal(new AurocDifference(100, 0, 100, 100, double.PositiveInfinity, 0), DeLong.Difference(low, high, high, low));
    }

    [Fact]
    public void Float_scores_do_as_doubles_do() =>
        Assert.Equal(DeLong.Difference([1.0, 3, 2], [2.0, 0], [1.0, 2, 3], [1.0, 2]), DeLong.Difference([1f, 3, 2], [2f, 0], [1f, 2, 3], [1f, 2]));

    [Fact]
    public void Bad_input_is_refused()
    {
        Assert.Contains("at least two", Assert.Throws<ArgumentException>(() => DeLong.Estimate([1.0], [0.0, 1])).Message, StringComparison.Ordinal);
        Assert.Contains("ID score 1 is NaN", Assert.Throws<ArgumentException>(() => DeLong.Estimate([1, double.NaN], [0.0, 1])).Message, StringComparison.Ordinal);
        Assert.Contains("same images", Assert.Throws<ArgumentException>(() => DeLong.Difference([1.0, 2], [0.0, 1], [1.0, 2, 3], [0.0, 1])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => DeLong.Estimate([1.0, 2], [0.0, 1], level: 1));
    }

    private static (double[] Id, double[] Ood) Patients(int test, int sign) => (
        [.. s_patients.Where(p => p[3] == 1).Select(p => sign * p[test])],
        [.. s_patients.Where(p => p[3] == 0).Select(p => sign * p[test])]);

    private static (double[] Id, double[] Ood) Place(double[] id, double[] ood)
    {
        static double Kernel(double x, double y) => x > y ? 1 : x == y ? 0.5 : 0;
        return ([.. id.Select(x => ood.Average(y => Kernel(x, y)))], [.. ood.Select(y => id.Average(x => Kernel(x, y)))]);
    }

    private static double Variance(double[] values)
    {
        var mean = values.Average();
        return values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1);
    }
}
