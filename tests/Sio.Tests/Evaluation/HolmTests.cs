using FsCheck.Fluent;
using Sio.Evaluation;
using Sio.Tests.Data;

namespace Sio.Tests.Evaluation;

public sealed class HolmTests
{
    [Fact]
    public void A_worked_example()
    {
        // Ascending 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1 is 0.02, 0.03, 0.06, 0.04; the last may not fall below the one before.
        var adjusted = Holm.Adjust(0.01, 0.04, 0.03, 0.005);

        double[] expected = [0.03, 0.06, 0.06, 0.02];
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], adjusted[i], 1e-15);
    }

    [Fact]
    public void Rejects_what_the_step_down_procedure_rejects() => Properties.ForAll(
        Gen.Choose(0, 12).SelectMany(n => Gen.ArrayOf(Gen.Choose(0, 400).Select(i => i * i / 160_000.0), n)),
        values =>
        {
            var adjusted = Holm.Adjust(values);
            var rejected = new HashSet<int>();
            foreach (var (p, k) in values.Index().OrderBy(v => v.Item).Select((v, k) => (v, k)))
            {
                if (p.Item * (values.Length - k) > 0.05)
                    break;
                rejected.Add(p.Index);
            }

            for (var i = 0; i < values.Length; i++)
            {
                Assert.InRange(adjusted[i], values[i], 1);
                Assert.Equal(rejected.Contains(i), adjusted[i] <= 0.05);
            }
        });

    [Fact]
    public void Bad_input_is_refused()
    {
        Assert.Empty(Holm.Adjust());
        Assert.Throws<ArgumentOutOfRangeException>(() => Holm.Adjust(0.5, 1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Holm.Adjust(double.NaN));
    }
}
