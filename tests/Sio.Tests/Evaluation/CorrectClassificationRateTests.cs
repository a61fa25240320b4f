using Sio.Evaluation;

namespace Sio.Tests.Evaluation;

public sealed class CorrectClassificationRateTests
{
    private static readonly string[] Keys = ["ccr_1e-4", "ccr_1e-3", "ccr_1e-2", "ccr_1e-1"];

    public static TheoryData<string> Names => MetricsReference.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_reference_case_has_openood_s_value(string name)
    {
        var reference = MetricsReference.Cases[name];

        var rates = CorrectClassificationRate.Compute(reference.Id, reference.IdCorrect, reference.Ood, 1e-4, 1e-3, 1e-2, 1e-1);

        for (var i = 0; i < Keys.Length; i++)
            Assert.Equal(100 * reference.OpenOod10[Keys[i]], rates[i], 1e-12);
    }

    [Fact]
    public void The_threshold_is_counted_in_decimal()
    {
        // ceil(0.07 * 100) is 7: the 7th largest OOD score is 93, so of the ID scores 93.5 passes and 92.5 does not.
        double[] ood = [.. Enumerable.Range(0, 100).Select(i => (double)i)];

        Assert.Equal([50], CorrectClassificationRate.Compute([93.5, 92.5], [true, true], ood, 0.07));
    }

    [Fact]
    public void Float_scores_do_as_doubles_do() =>
        Assert.Equal([50, 50], CorrectClassificationRate.Compute([3f, 2f], [true, true], [2f, 1f], 0.5, 0.1));

    [Fact]
    public void Bad_input_is_refused()
    {
        Assert.Throws<ArgumentException>(() => CorrectClassificationRate.Compute([1.0], [true, false], [0.0], 0.1));
        Assert.Throws<ArgumentException>(() => CorrectClassificationRate.Compute([double.NaN], [true], [0.0], 0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => CorrectClassificationRate.Compute([1.0], [true], [0.0], 0.0));
        Assert.Throws<ArgumentOutOfRangeException>(() => CorrectClassificationRate.Compute([1.0], [true], [0.0], double.NaN));
    }
}
