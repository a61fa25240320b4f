using Sio.Evaluation;

namespace Sio.Tests.Evaluation;

public sealed class AccuracyTests
{
    public static TheoryData<string> Names => MetricsReference.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Counts_id_samples_only(string name)
    {
        var reference = MetricsReference.Cases[name];

        Assert.Equal(100 * reference.OpenOod10["acc"], Accuracy.Compute(reference.Predictions, reference.Labels), 1e-12);
    }

    [Fact]
    public void Bad_input_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Accuracy.Compute([1, 2], [1]));
        Assert.Throws<ArgumentException>(() => Accuracy.Compute([1], [-1]));
        Assert.Throws<ArgumentException>(() => Accuracy.Compute([], []));
        Assert.Contains("Label 1 is -2", Assert.Throws<ArgumentException>(() => Accuracy.Compute([0, 0], [0, -2])).Message, StringComparison.Ordinal);
    }
}
